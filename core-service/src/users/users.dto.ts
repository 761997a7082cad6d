import { z } from 'zod';
import { Id } from '../common/uuid-param.js';
import { normaliseEmail, type User } from './user.js';

/** Longer ones fit no SMTP path (RFC 5321, section 4.5.3.1.3). */
const MAX_EMAIL_LENGTH = 254;
/** An unquoted local part, and a domain of two labels or more; any of both may be international. */
const EMAIL = /^[^\s\p{Cc}@"(),:;<>[\\\]]{1,64}@(?:[\p{L}\p{N}-]+\.)+[\p{L}\p{N}-]{2,}$/u;

export const Email = z
  .email({ pattern: EMAIL, error: 'must be an e-mail address' })
  .max(MAX_EMAIL_LENGTH)
  .refine((email) => EMAIL.test(normaliseEmail(email)), 'must be an e-mail address')
  .meta({ example: 'ada@example.com' });

export const UserBody = z
  .object({
    id: Id,
    email: Email,
    role: z.enum(['user', 'operator']),
    emailVerified: z.boolean().meta({ example: false }),
    createdAt: z.date().meta({ example: '2026-11-29T08:00:00.000Z' }),
  })
  .meta({ id: 'User' });
export type UserBody = z.output<typeof UserBody>;

export function userBody({ id, email, role, emailVerified, createdAt }: User): UserBody {
  return { id, email, role, emailVerified, createdAt };
}
