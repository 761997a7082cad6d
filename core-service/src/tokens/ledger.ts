/**
 * The double-entry ledger in one table: which event moves tokens between which accounts. The
 * database refuses any other way (`apply_transfer` in the migrations).
 */
export type AccountKind = 'available' | 'held' | 'treasury' | 'revenue';

const WAYS = {
  signup_grant: { from: 'treasury', to: 'available' },
  purchase: { from: 'treasury', to: 'available' },
  admin_grant: { from: 'treasury', to: 'available' },
  hold: { from: 'available', to: 'held' },
  settle: { from: 'held', to: 'revenue' },
  release: { from: 'held', to: 'available' },
  refund: { from: 'available', to: 'treasury' },
} as const satisfies Record<string, { from: AccountKind; to: AccountKind }>;

export type TransferKind = keyof typeof WAYS;
export const TRANSFER_KINDS = Object.keys(WAYS) as TransferKind[];

/** What tokens are set aside for; ids of the two never coincide. */
export type HoldPurpose = { transformationId: string } | { styleId: string };

/** How a hold ends. */
export type HoldEnd = 'settle' | 'release';

export interface Balance {
  /** Free to spend. */
  available: number;
  /** Set aside for transformations and styles under way. */
  held: number;
}

/**
 * What a transfer does to the available balance, in tokens: a hold takes its amount there and
 * then, a release gives it back, and a settlement changes nothing any more. So the amounts of all
 * lines add up to the available balance.
 */
export function changeOfAvailable(kind: TransferKind, amount: number): number {
  const { from, to } = WAYS[kind];
  if (to === 'available') return amount;
  return from === 'available' ? -amount : 0;
}
