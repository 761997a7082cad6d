import { z } from 'zod';
import { Email } from '../../users/users.dto.js';

const MAX_PASSWORD_LENGTH = 1024;
const Password = z
  .string()
  .min(1)
  .max(MAX_PASSWORD_LENGTH)
  .meta({ example: 'correct horse battery' });

export const DeletionRequest = z
  .strictObject({
    password: Password.optional().meta({
      description:
        'Required, unless the account has none; then the last sign-in must be less than 10 minutes old.',
      // Another than that of the account in the other examples, so that no test of all examples deletes it.
      example: 'the password of my account',
    }),
  })
  .meta({ id: 'AccountDeletionRequest' });
export type DeletionRequest = z.output<typeof DeletionRequest>;

export const DeletionBody = z
  .object({
    deletesAt: z.date().meta({
      description: 'Until then the account can be restored.',
      example: '2026-12-06T08:00:00.000Z',
    }),
  })
  .meta({ id: 'AccountDeletion' });
export type DeletionBody = z.output<typeof DeletionBody>;

export const RestoreRequest = z
  .union(
    [
      z.strictObject({ email: Email, password: Password }),
      z.strictObject({
        token: z
          .string()
          .regex(/^[\w-]{43}$/, 'is not a token of our mail')
          .meta({ example: 'kR7wq1Zc0nWJ5yO3mXv8sT2uLbHdEfGakR7wq1Zc0nW' }),
      }),
    ],
    { error: 'must be {"email", "password"} or {"token"}' },
  )
  .meta({ id: 'RestoreRequest' });
export type RestoreRequest = z.output<typeof RestoreRequest>;
