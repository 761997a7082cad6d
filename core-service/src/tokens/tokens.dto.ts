import { z } from 'zod';
import { pageSchema } from '../common/pagination.js';
import { Id } from '../common/uuid-param.js';
import { changeOfAvailable, TRANSFER_KINDS } from './ledger.js';
import type { LedgerLine } from './ledger.repository.js';

const tokens = z.int().nonnegative();

export const BalanceBody = z
  .object({
    available: tokens.meta({ description: 'Tokens free to spend.', example: 90 }),
    held: tokens.meta({
      description: 'Tokens held for transformations and styles in progress.',
      example: 10,
    }),
    owed: tokens.optional().meta({
      description:
        'Present if money for spent tokens went back; the next tokens that come in pay these.',
      example: 40,
    }),
  })
  .meta({ id: 'Balance' });
export type BalanceBody = z.output<typeof BalanceBody>;

export const EntryBody = z
  .object({
    id: Id,
    kind: z.enum(TRANSFER_KINDS),
    amount: z.int().meta({
      description:
        'Change of the available balance, in tokens. A hold takes its tokens at once, so settling it changes nothing: its amount is 0.',
      minimum: undefined,
      example: -10,
    }),
    balanceAfter: tokens.meta({ description: 'Available tokens after this entry.', example: 90 }),
    transformationId: Id.optional(),
    styleId: Id.optional().meta({ description: 'The custom style, deleted or not.' }),
    description: z.string().meta({ example: 'Held for a transformation' }),
    createdAt: z.date().meta({ example: '2026-11-29T08:00:00.000Z' }),
  })
  .meta({ id: 'LedgerEntry' });
export type EntryBody = z.output<typeof EntryBody>;

export const EntryPageBody = pageSchema(EntryBody).meta({ id: 'LedgerEntryPage' });
export type EntryPageBody = z.output<typeof EntryPageBody>;

export function entryBody(line: LedgerLine): EntryBody {
  return {
    id: line.id,
    kind: line.kind,
    amount: changeOfAvailable(line.kind, line.amount),
    balanceAfter: line.availableAfter,
    ...(line.transformationId && { transformationId: line.transformationId }),
    ...(line.styleId && { styleId: line.styleId }),
    description: line.description,
    createdAt: line.createdAt,
  };
}
