/** A token pack on sale. */
export interface Pack {
  id: string;
  /** Tokens, a positive whole number. */
  tokens: number;
  /** Price before tax, in the currency's smallest unit. */
  amount: number;
}

export type PurchaseStatus = 'open' | 'paid' | 'failed' | 'expired';

export interface Purchase {
  id: string;
  userId: string;
  packId: string;
  tokens: number;
  amount: number;
  currency: string;
  status: PurchaseStatus;
  /** What was paid, taxes and discounts included; null until then. */
  amountPaid: number | null;
  /** Tokens that the user has got for it and not given back. */
  credited: number;
  createdAt: Date;
  paidAt: Date | null;
}

/** What the payment provider says, in any order and any number of times. */
export type PaymentFact =
  | {
      kind: 'checkout';
      purchaseId: string;
      sessionId: string;
      /** `open`: the payment may still succeed. */
      status: PurchaseStatus;
      paymentId?: string;
      amountPaid?: number;
    }
  /** How much of a payment has gone back so far. */
  | { kind: 'refund' | 'dispute'; paymentId: string; amount: number };

/** @param fact.asOf when it was true */
export type DatedFact = PaymentFact & { asOf: Date };

/** A paid purchase stays paid; a late payment counts even after a failure. */
export function statusAfter(current: PurchaseStatus, told: PurchaseStatus): PurchaseStatus {
  if (current === 'paid' || told === 'open') return current;
  return told;
}

/**
 * Tokens that a purchase is worth: all when it is paid, fewer in proportion to the money that went back,
 * rounded in the user's favour.
 *
 * @param returned money refunded and disputed, in the currency's smallest unit
 */
export function tokensDue(
  { status, tokens, amountPaid }: Pick<Purchase, 'status' | 'tokens' | 'amountPaid'>,
  returned: number,
): number {
  if (status !== 'paid') return 0;
  if (!amountPaid) return tokens;
  const kept = BigInt(Math.max(0, amountPaid - returned));
  const paid = BigInt(amountPaid);
  return Number((BigInt(tokens) * kept + paid - 1n) / paid);
}
