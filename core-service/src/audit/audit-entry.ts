export const AUDIT_ACTIONS = [
  'users.list',
  'user.view',
  'user.grant',
  'user.role',
  'user.suspend',
  'user.unsuspend',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** Who acts, and from where. */
export interface Actor {
  /** Null: somebody at the service's command line. */
  userId: string | null;
  address?: string;
  requestId?: string;
}

export const COMMAND_LINE: Actor = { userId: null };

/** What is to be written. No e-mail or other personal data, since an entry stays for ever. */
export interface Act {
  actor: Actor;
  action: AuditAction;
  /** The user that it is done to. */
  subjectId?: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
  reason?: string;
  idempotencyKey?: string;
}

export interface AuditEntry {
  id: string;
  actorId: string | null;
  action: AuditAction;
  subjectId: string | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  reason: string | null;
  address: string | null;
  requestId: string | null;
  createdAt: Date;
}
