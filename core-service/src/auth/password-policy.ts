import { DomainError } from '../common/domain-error.js';
import { isCommon } from './common-passwords.js';

export const PASSWORD_LENGTH = { min: 10, max: 128 } as const;

/**
 * Length is what counts, and that the password is not among the first that anybody guesses (NIST SP 800-63B,
 * section 3.1.1.2): no rules on kinds of characters. Length is in code points.
 *
 * @throws DomainError WEAK_PASSWORD
 */
export function assertPasswordAllowed(
  password: string,
  email: string,
  /** Of the request's body. */
  field = 'password',
): void {
  const weak = (message: string) =>
    new DomainError('WEAK_PASSWORD', message, { errors: [{ path: field, message }] });
  const length = [...password].length;
  if (length < PASSWORD_LENGTH.min || length > PASSWORD_LENGTH.max)
    throw weak(`Choose a password of ${PASSWORD_LENGTH.min} to ${PASSWORD_LENGTH.max} characters.`);
  if (password.toLowerCase() === email.toLowerCase())
    throw weak('The password must not be the e-mail address.');
  if (isCommon(password))
    throw weak(
      'This is one of the most common passwords, which are guessed first: choose another.',
    );
}
