/**
 * The double-entry ledger in one table: which event moves tokens between which accounts. The
 * database rejects anything else (`apply_transfer` in the migrations).
 */
export type AccountKind = 'available' | 'held' | 'treasury' | 'revenue';

const ROUTES = {
  signup_grant: { from: 'treasury', to: 'available' },
  purchase: { from: 'treasury', to: 'available' },
  admin_grant: { from: 'treasury', to: 'available' },
  hold: { from: 'available', to: 'held' },
  settle: { from: 'held', to: 'revenue' },
  release: { from: 'held', to: 'available' },
  refund: { from: 'available', to: 'treasury' },
} as const satisfies Record<string, { from: AccountKind; to: AccountKind }>;

export type TransferKind = keyof typeof ROUTES;
export const TRANSFER_KINDS = Object.keys(ROUTES) as TransferKind[];

/** What tokens are held for; ids of the two never coincide. */
export type HoldPurpose = { transformationId: string } | { styleId: string };

/** How a hold ends. */
export type HoldEnd = 'settle' | 'release';

export interface Balance {
  /** Tokens that can be spent. */
  available: number;
  /** Tokens held for transformations and styles in progress. */
  held: number;
}

/**
 * The change of the available balance by a transfer, in tokens: a hold takes its amount immediately, a
 * release returns it, and a settlement changes nothing more. So the amounts of all entries add up to
 * the available balance.
 */
export function changeOfAvailable(kind: TransferKind, amount: number): number {
  const { from, to } = ROUTES[kind];
  if (to === 'available') return amount;
  return from === 'available' ? -amount : 0;
}
