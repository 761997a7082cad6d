import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import Stripe from 'stripe';
import request from 'supertest';

export const STRIPE_WEBHOOK_SECRET = 'whsec_of_the_tests_alone';
const SECRET_KEY = 'sk_test_of_the_tests_alone';

interface Session {
  id: string;
  object: 'checkout.session';
  url: string;
  client_reference_id: string;
  status: 'open' | 'complete' | 'expired';
  payment_status: 'unpaid' | 'paid';
  payment_intent: string | null;
  amount_total: number;
  created: number;
}

/**
 * Stripe's side of a sale, with its state: checkout sessions over HTTP, and the events that their
 * payments cause, signed by Stripe's own library.
 */
export class FakeStripe {
  readonly sessions = new Map<string, Session>();
  /** Money that went back, by payment. */
  private readonly refunded = new Map<string, number>();
  private readonly stripe = new Stripe(SECRET_KEY);
  private server?: Server;
  /** Seconds; every event is told a second after the one before. */
  private clock = Math.floor(Date.now() / 1000) - 1_000;
  url = '';
  /** Whether the API answers with 500. */
  broken = false;

  environment(): Record<string, string> {
    return {
      STRIPE_API_URL: this.url,
      STRIPE_SECRET_KEY: SECRET_KEY,
      STRIPE_WEBHOOK_SECRET,
    };
  }

  async up(): Promise<void> {
    this.server = createServer((incoming, answer) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('end', () => {
        const form = new URLSearchParams(Buffer.concat(chunks).toString());
        const known = incoming.url?.startsWith('/v1/checkout/sessions') && !this.broken;
        answer.writeHead(known ? 200 : 400, { 'content-type': 'application/json' });
        answer.end(
          JSON.stringify(
            !known
              ? { error: { type: 'api_error', message: 'broken' } }
              : incoming.method === 'POST'
                ? this.open(form)
                : {
                    object: 'list',
                    has_more: false,
                    data: [...this.sessions.values()].map((s) => this.expanded(s)),
                  },
          ),
        );
      });
    });
    await new Promise<void>((resolve) => this.server?.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async down(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }

  private open(form: URLSearchParams): Session {
    const id = `cs_test_${randomUUID()}`;
    const session: Session = {
      id,
      object: 'checkout.session',
      url: `https://checkout.stripe.com/c/pay/${id}`,
      client_reference_id: form.get('client_reference_id') ?? '',
      status: 'open',
      payment_status: 'unpaid',
      payment_intent: null,
      amount_total: Number(form.get('line_items[0][price_data][unit_amount]')),
      created: Math.floor(Date.now() / 1000),
    };
    this.sessions.set(id, session);
    return session;
  }

  private expanded(session: Session) {
    const { payment_intent: id } = session;
    const amount_refunded = this.refunded.get(id ?? '') ?? 0;
    return {
      ...session,
      payment_intent: id && { id, latest_charge: { id: 'ch', amount_refunded } },
    };
  }

  private session(id: string): Session {
    const session = this.sessions.get(id);
    if (!session) throw new Error(`no session ${id}`);
    return session;
  }

  /** The user paid; returns the event. */
  pay(sessionId: string): StripeEvent {
    const session = this.session(sessionId);
    Object.assign(session, {
      status: 'complete',
      payment_status: 'paid',
      payment_intent: session.payment_intent ?? `pi_${randomUUID()}`,
    });
    return this.event('checkout.session.completed', session);
  }

  /** The user chose a bank transfer, which takes days; then it succeeds or fails. */
  payLater(sessionId: string): { ordered: StripeEvent; end(succeeded: boolean): StripeEvent } {
    const session = this.session(sessionId);
    Object.assign(session, { status: 'complete', payment_intent: `pi_${randomUUID()}` });
    return {
      ordered: this.event('checkout.session.completed', session),
      end: (succeeded) => {
        if (succeeded) session.payment_status = 'paid';
        const how = succeeded ? 'succeeded' : 'failed';
        return this.event(`checkout.session.async_payment_${how}`, session);
      },
    };
  }

  expire(sessionId: string): StripeEvent {
    const session = this.session(sessionId);
    session.status = 'expired';
    return this.event('checkout.session.expired', session);
  }

  refund(sessionId: string, amount: number): StripeEvent {
    const { payment_intent } = this.session(sessionId);
    const sum = (this.refunded.get(String(payment_intent)) ?? 0) + amount;
    this.refunded.set(String(payment_intent), sum);
    return this.event('charge.refunded', { id: 'ch', payment_intent, amount_refunded: sum });
  }

  dispute(sessionId: string, amount: number): { lost: StripeEvent; won: StripeEvent } {
    const { payment_intent } = this.session(sessionId);
    const dispute = { id: 'dp', payment_intent, amount };
    return {
      lost: this.event('charge.dispute.funds_withdrawn', dispute),
      won: this.event('charge.dispute.funds_reinstated', dispute),
    };
  }

  private event(type: string, object: object): StripeEvent {
    this.clock++;
    const event = {
      id: `evt_${randomUUID()}`,
      object: 'event',
      type,
      created: this.clock,
      data: { object: structuredClone(object) },
    };
    return { type, body: JSON.stringify(event) };
  }

  /** As Stripe sends it; every repetition is signed anew. */
  send(
    app: { url: string },
    { body }: StripeEvent,
    { secret = STRIPE_WEBHOOK_SECRET, timestamp = Math.floor(Date.now() / 1000), sent = body } = {},
  ) {
    const header = this.stripe.webhooks.generateTestHeaderString({
      payload: body,
      secret,
      timestamp,
    });
    return request(app.url)
      .post('/webhooks/stripe')
      .set('content-type', 'application/json')
      .set('stripe-signature', header)
      .send(sent);
  }
}

export interface StripeEvent {
  type: string;
  body: string;
}
