import { z } from 'zod';
import { lineOfText } from '../common/line-of-text.js';
import { pageSchema } from '../common/pagination.js';
import { SCOPES } from '../common/principal.js';
import { Id } from '../common/uuid-param.js';
import { AddressRange } from './addresses.js';
import type { ApiKey } from './api-key.js';

const MAX_TOKENS = 1_000_000_000;
const MAX_ADDRESSES = 50;

const Name = lineOfText(100).meta({
  description: 'Need not be unique.',
  example: 'Nightly batch',
});
const Scopes = z
  .array(z.enum(SCOPES))
  .min(1)
  .max(SCOPES.length)
  .meta({ description: 'What it may do.', example: ['transformations:write', 'styles:read'] });
const limit = z.int().min(1).max(MAX_TOKENS);
const spent = z.int().nonnegative();
const PREFIX = z
  .string()
  .meta({ description: 'Its first characters.', example: 'stz_live_4eC39H' });

export const NewApiKeyBody = z
  .strictObject({
    name: Name,
    scopes: Scopes,
    expiresAt: z.iso
      .datetime({ offset: true, error: 'must be a time such as 2027-11-29T08:00:00Z' })
      .transform((text) => new Date(text))
      .optional()
      .meta({
        description: 'In the future; without it the key does not expire.',
        example: '2099-12-31T00:00:00Z',
      }),
    allowedAddresses: z.array(AddressRange).max(MAX_ADDRESSES).optional().meta({
      description: 'Addresses and ranges that it may be used from; without any: everywhere.',
    }),
    budget: z
      .strictObject({
        perDay: limit.optional().meta({ description: 'Tokens in a day (UTC).', example: 500 }),
        total: limit.optional().meta({ description: 'Tokens in all.', example: 10_000 }),
      })
      .optional(),
  })
  .meta({ id: 'NewApiKey' });
export type NewApiKeyBody = z.output<typeof NewApiKeyBody>;

export const ApiKeyBody = z
  .object({
    id: Id,
    prefix: PREFIX,
    name: Name,
    scopes: z.array(z.enum(SCOPES)),
    allowedAddresses: z.array(z.string()).meta({ example: ['203.0.113.0/24'] }),
    budget: z.object({ perDay: limit.nullable(), total: limit.nullable() }),
    spent: z
      .object({ today: spent, total: spent })
      .meta({ description: 'Tokens that it paid or holds; `today` is the day in UTC.' }),
    createdAt: z.date(),
    expiresAt: z.date().nullable(),
    lastUsedAt: z.date().nullable().meta({ description: 'To the minute.' }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyBody = z.output<typeof ApiKeyBody>;

export const CreatedApiKeyBody = ApiKeyBody.extend({
  key: z.string().meta({
    description: 'Shown once; send it as `Authorization: Bearer stz_live_…`.',
    example: 'stz_live_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg3N89uQ',
  }),
}).meta({ id: 'CreatedApiKey' });
export type CreatedApiKeyBody = z.output<typeof CreatedApiKeyBody>;

export const ApiKeyPageBody = pageSchema(ApiKeyBody).meta({ id: 'ApiKeyPage' });
export type ApiKeyPageBody = z.output<typeof ApiKeyPageBody>;

export function apiKeyBody({ userId: _, ...key }: ApiKey): ApiKeyBody {
  return key;
}
