/**
 * What the events of the ledger do to a user's available balance, in parts of their amount: a hold takes it
 * immediately, a release returns it, and a settlement changes nothing more. Between which accounts tokens move, the
 * database says (`transfer_tokens` in the migrations).
 */
const CHANGES = {
  signup_grant: 1,
  purchase: 1,
  admin_grant: 1,
  hold: -1,
  settle: 0,
  release: 1,
  refund: -1,
} as const satisfies Record<string, number>;

export type TransferKind = keyof typeof CHANGES;
export const TRANSFER_KINDS = Object.keys(CHANGES) as TransferKind[];

/** What tokens are held for; ids of the two never coincide. */
export type HoldPurpose = { transformationId: string } | { styleId: string };

/** How a hold ends. */
export type HoldEnd = 'settle' | 'release';

export interface Balance {
  /** Tokens that can be spent. */
  available: number;
  /** Tokens held for transformations and styles in progress. */
  held: number;
  /** Tokens spent whose money went back, if any; the next ones that come in pay them. */
  owed?: number;
}

/** Sums of all balances by kind of account, in tokens. */
export interface TrialBalance {
  available: number;
  held: number;
  revenue: number;
  treasury: number;
  /** Of all four; 0 if the ledger balances. */
  difference: number;
}

/** In tokens. The changes of all entries of a user add up to the available balance. */
export function changeOfAvailable(kind: TransferKind, amount: number): number {
  return CHANGES[kind] * amount;
}
