import { z } from 'zod';
import { UsedCredential } from './passkeys/credential.dto.js';

export const Token = z
  .string()
  .regex(/^[\w-]{43}$/, 'is not a token of this service')
  .meta({ example: 'Wc1Zc0nWJ5yO3mXv8sT2uLbHdEfGakR7wq1Zc0nWJ5y' });

const MAX_PASSWORD_LENGTH = 1024;
export const OwnPassword = z.string().min(1).max(MAX_PASSWORD_LENGTH).optional().meta({
  description: 'Yours; not needed in the 10 minutes after you signed in.',
  example: 'correct horse battery',
});

export const Code = z
  .string()
  .regex(/^[0-9]{6}$/, 'must be six digits')
  .meta({ description: 'Of the authenticator app.', example: '492039' });

export const RecoveryCode = z
  .string()
  .regex(/^(?:[A-Za-z2-7]{4}-){3}[A-Za-z2-7]{4}$/, 'must look like abcd-efgh-2345-6723')
  .meta({ description: 'Works once.', example: 'abcd-efgh-2345-6723' });

/**
 * Refuses a body that does not have exactly one of the fields.
 *
 * @param fields all optional in the schema
 */
export function exactlyOne<T extends z.ZodObject>(
  schema: T,
  fields: (keyof z.output<T> & string)[],
) {
  const message = `send exactly one of ${fields.join(', ')}`;
  return schema
    .refine(
      (body: Record<string, unknown>) =>
        fields.filter((field) => body[field] !== undefined).length === 1,
      message,
    )
    .meta({ oneOf: fields.map((field) => ({ required: [field] })) });
}

export const SecondFactorBody = exactlyOne(
  z.strictObject({
    challenge: Token,
    code: Code.optional(),
    recoveryCode: RecoveryCode.optional(),
    passkey: UsedCredential.optional(),
  }),
  ['code', 'recoveryCode', 'passkey'],
).meta({ id: 'SecondFactor' });
export type SecondFactorBody = z.output<typeof SecondFactorBody>;
