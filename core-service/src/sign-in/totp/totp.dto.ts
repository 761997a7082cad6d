import { z } from 'zod';
import { Code, OwnPassword, RecoveryCode } from '../sign-in.dto.js';
import { RECOVERY_CODES } from './recovery-code.js';

export const TotpBody = z.strictObject({ password: OwnPassword }).meta({ id: 'TotpRequest' });
export type TotpBody = z.output<typeof TotpBody>;

export const CodeBody = z.strictObject({ code: Code }).meta({ id: 'TotpConfirmation' });
export type CodeBody = z.output<typeof CodeBody>;

const Confirmation = z.strictObject({ password: OwnPassword });
export const ProofBody = z
  .union([Confirmation.extend({ code: Code }), Confirmation.extend({ recoveryCode: RecoveryCode })])
  .meta({ id: 'SecondFactorProof' });
export type ProofBody = z.output<typeof ProofBody>;

export const TotpStatus = z
  .object({
    enabled: z.boolean().meta({ example: true }),
    recoveryCodesLeft: z.int().min(0).max(RECOVERY_CODES).meta({ example: RECOVERY_CODES }),
  })
  .meta({ id: 'TotpStatus' });
export type TotpStatus = z.output<typeof TotpStatus>;

export const TotpSecret = z
  .object({
    secret: z.string().meta({
      description: 'Base32; to type where no QR code can be read.',
      example: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP',
    }),
    uri: z.string().meta({
      description: 'To show as a QR code.',
      example: 'otpauth://totp/Stylizer:ada%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Stylizer',
    }),
  })
  .meta({ id: 'TotpSecret' });
export type TotpSecret = z.output<typeof TotpSecret>;

export const RecoveryCodes = z
  .object({
    recoveryCodes: z
      .array(RecoveryCode)
      .meta({ description: 'Each works once, in place of a code. They are shown only now.' }),
  })
  .meta({ id: 'RecoveryCodes' });
export type RecoveryCodes = z.output<typeof RecoveryCodes>;
