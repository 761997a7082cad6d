import { z } from 'zod';
import { Email } from '../users/users.dto.js';
import { NewPassword, Password } from '../auth/auth.dto.js';

const Token = z.string().min(1).max(512).meta({
  description: 'From the mail.',
  example: 'vWk3Tq0cN8yZJ5mXoLr7uS2bHdEfGa9pQi1tUx4jVzM',
});

export const TokenBody = z.strictObject({ token: Token }).meta({ id: 'MailedToken' });
export type TokenBody = z.output<typeof TokenBody>;

export const AddressBody = z.strictObject({ email: Email }).meta({ id: 'Address' });
export type AddressBody = z.output<typeof AddressBody>;

export const PasswordResetBody = z
  .strictObject({ token: Token, password: NewPassword })
  .meta({ id: 'PasswordReset' });
export type PasswordResetBody = z.output<typeof PasswordResetBody>;

export const PasswordChangeBody = z
  .strictObject({ currentPassword: Password, newPassword: NewPassword })
  .meta({ id: 'PasswordChange' });
export type PasswordChangeBody = z.output<typeof PasswordChangeBody>;

export const EmailChangeBody = z
  .strictObject({ email: Email, password: Password })
  .meta({ id: 'EmailChange' });
export type EmailChangeBody = z.output<typeof EmailChangeBody>;

export const EmailChangeStateBody = z
  .object({
    changed: z
      .boolean()
      .meta({ description: 'False while the other address has not confirmed.', example: false }),
  })
  .meta({ id: 'EmailChangeState' });
export type EmailChangeStateBody = z.output<typeof EmailChangeStateBody>;
