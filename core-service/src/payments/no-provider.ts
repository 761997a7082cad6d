import { DomainError } from '../common/domain-error.js';
import type { PaymentProvider } from './payment-provider.js';

/** Without a key of a payment provider nothing is sold; everything else works. */
export class NoProvider implements PaymentProvider {
  assertConfigured(): never {
    throw new DomainError(
      'PAYMENTS_NOT_CONFIGURED',
      'Tokens are not for sale here: STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are not set.',
    );
  }

  async checkout(): Promise<never> {
    return this.assertConfigured();
  }

  read(): never {
    return this.assertConfigured();
  }

  async *recent(): AsyncIterable<never> {
    // Nothing was ever sold.
  }
}
