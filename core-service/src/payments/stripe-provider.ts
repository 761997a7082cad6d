import Stripe from 'stripe';
import { validate as isUuid } from 'uuid';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import type { Checkout, PaymentEvent, PaymentProvider } from './payment-provider.js';
import type { DatedFact, PurchaseStatus } from './purchase.js';

const TIMEOUT_MS = 20_000;
const RETRY_AFTER_SECONDS = 30;
/** A webhook signed longer ago is a replay. Stripe signs every retry anew. */
const TOLERANCE_SECONDS = 300;

type Settings = Pick<
  Config,
  'STRIPE_API_URL' | 'STRIPE_TAX' | 'PUBLIC_URL' | 'CHECKOUT_SUCCESS_URL' | 'CHECKOUT_CANCEL_URL'
> & { STRIPE_SECRET_KEY: string; STRIPE_WEBHOOK_SECRET: string };

/** Stripe Checkout: Stripe asks for card and tax, and writes the receipt. */
export class StripeProvider implements PaymentProvider {
  private readonly stripe: Stripe;

  constructor(private readonly config: Settings) {
    const { protocol, hostname, port } = new URL(config.STRIPE_API_URL);
    this.stripe = new Stripe(config.STRIPE_SECRET_KEY, {
      protocol: protocol === 'http:' ? 'http' : 'https',
      host: hostname,
      ...(port && { port }),
      timeout: TIMEOUT_MS,
      maxNetworkRetries: 2,
      telemetry: false,
    });
  }

  assertConfigured(): void {
    // Its keys are there.
  }

  async checkout({ purchaseId, pack, currency, email }: Checkout) {
    const { CHECKOUT_SUCCESS_URL, CHECKOUT_CANCEL_URL, PUBLIC_URL, STRIPE_TAX } = this.config;
    const session = await this.stripe.checkout.sessions
      .create(
        {
          mode: 'payment',
          client_reference_id: purchaseId,
          customer_email: email,
          line_items: [
            {
              quantity: 1,
              price_data: {
                currency,
                unit_amount: pack.amount,
                tax_behavior: STRIPE_TAX === 'inclusive' ? 'inclusive' : 'exclusive',
                product_data: { name: `${pack.tokens} Stylizer tokens` },
              },
            },
          ],
          automatic_tax: { enabled: STRIPE_TAX !== 'off' },
          payment_intent_data: { metadata: { purchaseId } },
          success_url: CHECKOUT_SUCCESS_URL ?? `${PUBLIC_URL}/?checkout=paid`,
          cancel_url: CHECKOUT_CANCEL_URL ?? `${PUBLIC_URL}/?checkout=cancelled`,
        },
        { idempotencyKey: purchaseId },
      )
      .catch((cause: unknown) => {
        throw new DomainError('PAYMENTS_UNAVAILABLE', 'Stripe does not answer. Try again later.', {
          cause,
          retryAfterSeconds: RETRY_AFTER_SECONDS,
        });
      });
    if (!session.url) throw new Error('Stripe answered without the URL of a checkout page');
    return { sessionId: session.id, url: session.url };
  }

  read(body: Buffer, signature: string): PaymentEvent {
    let event: Stripe.Event;
    try {
      event = this.stripe.webhooks.constructEvent(
        body,
        signature,
        this.config.STRIPE_WEBHOOK_SECRET,
        TOLERANCE_SECONDS,
      );
    } catch (cause) {
      throw new DomainError(
        'INVALID_SIGNATURE',
        'The Stripe-Signature header does not fit the body, the secret or the time.',
        { cause },
      );
    }
    return { id: event.id, fact: factOf(event) };
  }

  async *recent(since: Date): AsyncIterable<DatedFact> {
    const asOf = new Date();
    const sessions = this.stripe.checkout.sessions.list({
      created: { gte: Math.floor(since.getTime() / 1000) },
      limit: 100,
      expand: ['data.payment_intent.latest_charge'],
    });
    for await (const session of sessions) {
      const fact = ofSession(session, asOf);
      if (fact) yield fact;
      const payment = session.payment_intent;
      const charge = typeof payment === 'object' && payment?.latest_charge;
      if (payment && charge && typeof charge === 'object' && charge.amount_refunded > 0)
        yield { kind: 'refund', paymentId: idOf(payment), amount: charge.amount_refunded, asOf };
    }
  }
}

function factOf(event: Stripe.Event): DatedFact | undefined {
  const asOf = new Date(event.created * 1000);
  if (
    event.type === 'checkout.session.completed' ||
    event.type === 'checkout.session.async_payment_succeeded' ||
    event.type === 'checkout.session.expired'
  )
    return ofSession(event.data.object, asOf);
  if (event.type === 'checkout.session.async_payment_failed')
    return ofSession(event.data.object, asOf, 'failed');
  if (event.type === 'charge.refunded') {
    const { payment_intent, amount_refunded } = event.data.object;
    return ofReturn('refund', payment_intent, amount_refunded, asOf);
  }
  const withdrawn = event.type === 'charge.dispute.funds_withdrawn';
  if (withdrawn || event.type === 'charge.dispute.funds_reinstated') {
    const { payment_intent, amount } = event.data.object;
    return ofReturn('dispute', payment_intent, withdrawn ? amount : 0, asOf);
  }
  return undefined;
}

function ofReturn(
  kind: 'refund' | 'dispute',
  payment: string | { id: string } | null,
  amount: number,
  asOf: Date,
): DatedFact | undefined {
  return payment ? { kind, paymentId: idOf(payment), amount, asOf } : undefined;
}

/** Undefined for a checkout of somebody else on the same Stripe account. */
function ofSession(
  session: Stripe.Checkout.Session,
  asOf: Date,
  status: PurchaseStatus = statusOf(session),
): DatedFact | undefined {
  const { client_reference_id: purchaseId, payment_intent, amount_total } = session;
  if (!purchaseId || !isUuid(purchaseId)) return undefined;
  return {
    kind: 'checkout',
    purchaseId,
    sessionId: session.id,
    status,
    ...(payment_intent && { paymentId: idOf(payment_intent) }),
    ...(status === 'paid' && amount_total !== null && { amountPaid: amount_total }),
    asOf,
  };
}

function statusOf({ status, payment_status }: Stripe.Checkout.Session): PurchaseStatus {
  if (payment_status === 'paid' || payment_status === 'no_payment_required') return 'paid';
  return status === 'expired' ? 'expired' : 'open';
}

function idOf(object: string | { id: string }): string {
  return typeof object === 'string' ? object : object.id;
}
