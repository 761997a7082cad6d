import type { DatedFact, Pack } from './purchase.js';

export interface Checkout {
  purchaseId: string;
  pack: Pack;
  /** ISO 4217, lower case. */
  currency: string;
  /** Where the receipt goes. */
  email: string;
}

export interface PaymentEvent {
  /** The provider's id, the same for every repetition. */
  id: string;
  /** Undefined: nothing that concerns us. */
  fact?: DatedFact;
}

/** Who takes the money. */
export abstract class PaymentProvider {
  /** @throws DomainError PAYMENTS_NOT_CONFIGURED */
  abstract assertConfigured(): void;

  /**
   * Opens a page where the user pays. Repeated for the same purchase, it opens the same page.
   *
   * @throws DomainError PAYMENTS_UNAVAILABLE
   */
  abstract checkout(checkout: Checkout): Promise<{ sessionId: string; url: string }>;

  /**
   * What a webhook says.
   *
   * @param body exactly as received
   * @throws DomainError INVALID_SIGNATURE
   */
  abstract read(body: Buffer, signature: string): PaymentEvent;

  /** Everything that is known of the checkouts opened since then, to make up for lost webhooks. */
  abstract recent(since: Date): AsyncIterable<DatedFact>;
}
