import { DomainError } from './domain-error.js';

/** Only for those who have proved who they are: others must not learn that there is an account. */
export function accountDeleted(): DomainError {
  return new DomainError(
    'ACCOUNT_DELETED',
    'This account is being deleted. To keep it, send its e-mail and password, or the token of our mail, ' +
      'to POST /v1/auth/restore; then log in.',
  );
}
