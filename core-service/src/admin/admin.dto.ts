import { z } from 'zod';
import { AUDIT_ACTIONS, type AuditEntry } from '../audit/audit-entry.js';
import { lineOfText } from '../common/line-of-text.js';
import { PageQuery, pageSchema } from '../common/pagination.js';
import { Id } from '../common/uuid-param.js';
import type { TrialBalance } from '../tokens/ledger.js';
import { BalanceBody } from '../tokens/tokens.dto.js';
import { Email, UserBody, userBody } from '../users/users.dto.js';
import type { AdminUser } from './admin-users.repository.js';

const MAX_GRANT = 1_000_000_000;

const Reason = lineOfText(500).meta({
  description: 'For the audit log.',
  example: 'Refund of an order, ticket 4711',
});

export const UserListQuery = PageQuery.extend({
  email: Email.optional().meta({ description: 'The whole address.' }),
});
export type UserListQuery = z.output<typeof UserListQuery>;

export const ReasonBody = z.strictObject({ reason: Reason }).meta({ id: 'Reason' });
export type ReasonBody = z.output<typeof ReasonBody>;

export const GrantBody = z
  .strictObject({
    amount: z.int().min(1).max(MAX_GRANT).meta({ description: 'Tokens.', example: 500 }),
    reason: Reason.meta({ description: 'For the audit log; the user sees it in the ledger.' }),
  })
  .meta({ id: 'Grant' });
export type GrantBody = z.output<typeof GrantBody>;

export const RoleBody = z
  .strictObject({ role: z.enum(['user', 'operator']), reason: Reason })
  .meta({ id: 'RoleChange' });
export type RoleBody = z.output<typeof RoleBody>;

export const GrantedBody = z
  .object({
    available: z.int().nonnegative().meta({
      description: "The user's available tokens right after the grant.",
      example: 600,
    }),
  })
  .meta({ id: 'Granted' });
export type GrantedBody = z.output<typeof GrantedBody>;

export const AdminUserBody = UserBody.extend({
  suspendedAt: z.date().nullable().meta({ example: null }),
}).meta({ id: 'AdminUser' });
export type AdminUserBody = z.output<typeof AdminUserBody>;

export const AdminUserDetailBody = AdminUserBody.extend({ balance: BalanceBody }).meta({
  id: 'AdminUserDetail',
});
export type AdminUserDetailBody = z.output<typeof AdminUserDetailBody>;

export const AdminUserPageBody = pageSchema(AdminUserBody).meta({ id: 'AdminUserPage' });
export type AdminUserPageBody = z.output<typeof AdminUserPageBody>;

export function adminUserBody(user: AdminUser): AdminUserBody {
  return { ...userBody(user), suspendedAt: user.suspendedAt };
}

export const AuditQuery = PageQuery.extend({
  subjectId: Id.optional().meta({ description: 'Acts on this user.' }),
  actorId: Id.optional().meta({ description: 'Acts by this operator.' }),
});
export type AuditQuery = z.output<typeof AuditQuery>;

const State = z
  .record(z.string(), z.unknown())
  .nullable()
  .meta({ example: { role: 'user' } });

export const AuditEntryBody = z
  .object({
    id: Id,
    actorId: Id.nullable().meta({ description: 'The operator; null: the command line.' }),
    action: z.enum(AUDIT_ACTIONS),
    subjectId: Id.nullable().meta({ description: 'The user that it was done to.' }),
    before: State,
    after: State,
    reason: z.string().nullable().meta({ example: 'On call from December' }),
    address: z.string().nullable().meta({ example: '203.0.113.7' }),
    requestId: z.string().nullable().meta({ example: Id.meta()?.example }),
    createdAt: z.date(),
  })
  .meta({ id: 'AuditEntry' });
export type AuditEntryBody = z.output<typeof AuditEntryBody>;

export const AuditPageBody = pageSchema(AuditEntryBody).meta({ id: 'AuditPage' });
export type AuditPageBody = z.output<typeof AuditPageBody>;

export function auditEntryBody(entry: AuditEntry): AuditEntryBody {
  return entry;
}

const sum = z.int().meta({ minimum: undefined });

export const TrialBalanceBody = z
  .object({
    available: sum.meta({ description: 'What users can spend.', example: 90 }),
    held: sum.meta({ description: 'What is held of theirs.', example: 0 }),
    revenue: sum.meta({ description: 'What they paid.', example: 10 }),
    treasury: sum.meta({ description: 'What was given out, negative.', example: -100 }),
    difference: sum.meta({ description: 'The sum of all; 0 if the ledger balances.', example: 0 }),
  })
  .meta({ id: 'TrialBalance' });
export type TrialBalanceBody = z.output<typeof TrialBalanceBody> & TrialBalance;
