import type { HeaderObject, LinkObject } from '@nestjs/swagger';

type Schema = HeaderObject['schema'];
const header = (schema: Schema, description?: string): HeaderObject => ({ schema, description });
const tokens = { type: 'integer', minimum: 0, example: 10 } as const;

/** What a charged request is answered with, besides its body. */
export const CHARGE_HEADERS = {
  'X-Tokens-Charged': header(tokens, 'Tokens held or paid.'),
  'X-Tokens-Available': header(tokens, 'Tokens left to spend.'),
  'Idempotency-Replayed': header(
    { type: 'string', enum: ['true'] },
    'Present if the key was used before and this is the answer to that request.',
  ),
};

export const CACHE_HEADERS = {
  ETag: header({ type: 'string', example: '"2c26b46b68ffc68f"' }),
  'Cache-Control': header({ type: 'string', example: 'private, max-age=86400' }),
};

export const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  required: false,
  description:
    'Repeat a request with its key and you get the first answer again, without a second charge; for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
} as const;

export const IF_NONE_MATCH = {
  name: 'If-None-Match',
  required: false,
  description: 'The `ETag` you have; 304 if it is current.',
  schema: { type: 'string', example: '"2c26b46b68ffc68f"' },
} as const;

const binary = { type: 'string', format: 'binary' } as const;
export const JPEG = { 'image/jpeg': { schema: binary } } as const;
export const WEBP = { 'image/webp': { schema: binary } } as const;

/** Links from a session to what its refresh token is good for. */
export const SESSION_LINKS: Record<string, LinkObject> = Object.fromEntries(
  ['auth.refresh', 'auth.logout'].map((operationId) => [
    operationId,
    { operationId, requestBody: { refreshToken: '$response.body#/refreshToken' } },
  ]),
);

/** Links from an answer to operations on the `id` that it holds. */
export function linksTo(id: string, ...operationIds: string[]): Record<string, LinkObject> {
  return Object.fromEntries(
    operationIds.map((operationId) => [operationId, { operationId, parameters: { id } }]),
  );
}
