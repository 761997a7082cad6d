import { z } from 'zod';
import { UsedCredential } from './passkeys/credential.dto.js';

export const Token = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, 'is not a token of this service')
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

const Challenge = z.strictObject({ challenge: Token });
export const SecondFactorBody = z
  .union([
    Challenge.extend({ code: Code }),
    Challenge.extend({ recoveryCode: RecoveryCode }),
    Challenge.extend({ passkey: UsedCredential }),
  ])
  .meta({ id: 'SecondFactor' });
export type SecondFactorBody = z.output<typeof SecondFactorBody>;
