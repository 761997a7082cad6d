import { z } from 'zod';
import type { User } from '../users/user.js';
import { Email, UserBody, userBody } from '../users/users.dto.js';
import { PASSWORD_LENGTH } from './password-policy.js';
import type { TokenPair } from './sessions.service.js';

/** Far above the policy's, which answers WEAK_PASSWORD; bounds what is hashed. */
const MAX_PASSWORD_LENGTH = 1024;
export const Password = z
  .string()
  .min(1)
  .max(MAX_PASSWORD_LENGTH)
  .meta({ example: 'correct horse battery' });
export const NewPassword = Password.meta({
  minLength: PASSWORD_LENGTH.min,
  maxLength: PASSWORD_LENGTH.max,
});

export const CredentialsBody = z
  .strictObject({ email: Email, password: Password })
  .meta({ id: 'Credentials' });
export type CredentialsBody = z.output<typeof CredentialsBody>;

export const RegistrationBody = z
  .strictObject({
    email: Email,
    password: NewPassword,
    proof: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'The solution of `GET /v1/auth/challenge`, if one is asked for.' }),
  })
  .meta({ id: 'Registration' });
export type RegistrationBody = z.output<typeof RegistrationBody>;

const RefreshToken = z
  .string()
  .min(1)
  .max(512)
  .meta({ example: 'kR7wq1Zc0nWJ5yO3mXv8sT2uLbHdEfGa' });

export const RefreshBody = z
  .strictObject({ refreshToken: RefreshToken })
  .meta({ id: 'RefreshRequest' });
export type RefreshBody = z.output<typeof RefreshBody>;

export const SessionBody = z
  .object({
    user: UserBody,
    accessToken: z.string().meta({
      description: 'JWT; send it as `Authorization: Bearer …`.',
      example: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIuLi4ifQ.c2lnbmF0dXJl',
    }),
    tokenType: z.literal('Bearer'),
    expiresIn: z
      .int()
      .positive()
      .meta({ description: 'Seconds until the access token expires.', example: 900 }),
    refreshToken: RefreshToken.meta({ description: 'Good for one `POST /v1/auth/refresh`.' }),
  })
  .meta({ id: 'Session' });
export type SessionBody = z.output<typeof SessionBody>;

export function sessionBody(
  user: User,
  { accessToken, expiresIn, refreshToken }: TokenPair,
): SessionBody {
  return { user: userBody(user), accessToken, tokenType: 'Bearer', expiresIn, refreshToken };
}
