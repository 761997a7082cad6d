import { z } from 'zod';
import { pageSchema } from '../common/pagination.js';
import { Id } from '../common/uuid-param.js';
import type { Purchase } from './purchase.js';

const tokens = z.int().nonnegative();

export const CheckoutBody = z
  .strictObject({
    packId: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/, 'must be the id of a pack')
      .meta({ description: 'From `packs` of `GET /v1/pricing`.', example: 'pack-500' }),
  })
  .meta({ id: 'CheckoutRequest' });
export type CheckoutBody = z.output<typeof CheckoutBody>;

export const CheckoutSessionBody = z
  .object({
    url: z.string().meta({ description: 'Open it in a browser to pay.', example: 'https://…' }),
    sessionId: z.string().meta({ example: 'cs_test_a1b2c3' }),
  })
  .meta({ id: 'CheckoutSession' });
export type CheckoutSessionBody = z.output<typeof CheckoutSessionBody>;

export const PurchaseBody = z
  .object({
    id: Id,
    packId: z.string().meta({ example: 'pack-500' }),
    tokens: tokens.meta({ description: 'Tokens of the pack.', example: 500 }),
    credited: tokens.meta({
      description: 'Tokens that you have got for it; fewer after a refund or a dispute.',
      example: 500,
    }),
    amount: z.int().meta({ description: 'Price in the smallest unit, before tax.', example: 2000 }),
    amountPaid: z
      .int()
      .nullable()
      .meta({ description: 'With tax; null until paid.', example: 2380 }),
    currency: z.string().meta({ example: 'eur' }),
    status: z.enum(['open', 'paid', 'failed', 'expired']),
    createdAt: z.date().meta({ example: '2026-11-29T08:00:00.000Z' }),
    paidAt: z.date().nullable().meta({ example: '2026-11-29T08:01:00.000Z' }),
  })
  .meta({ id: 'Purchase' });
export type PurchaseBody = z.output<typeof PurchaseBody>;

export const PurchasePageBody = pageSchema(PurchaseBody).meta({ id: 'PurchasePage' });
export type PurchasePageBody = z.output<typeof PurchasePageBody>;

export function purchaseBody({ userId: _, ...purchase }: Purchase): PurchaseBody {
  return purchase;
}
