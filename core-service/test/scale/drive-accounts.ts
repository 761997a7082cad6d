import { randomUUID } from 'node:crypto';
import request from 'supertest';
import {
  OneTimeTokensRepository,
  type TokenPurpose,
} from '../../src/accounts/verification/one-time-tokens.repository.js';
import { OneTimeTokens } from '../../src/accounts/verification/one-time-tokens.js';
import { Transaction } from '../../src/database/transaction.js';
import { LedgerRepository } from '../../src/tokens/ledger.repository.js';
import { UsersRepository } from '../../src/users/users.repository.js';
import { registered } from '../factories/users.js';
import type { TestApp } from '../support/test-app.js';

/** Everything that a user can change about an account. */
export async function driveAccounts(app: TestApp): Promise<void> {
  const user = await registered(app);
  const auth = (path: string, body: object) => request(app.url).post(`/v1/auth/${path}`).send(body);
  const { email, password } = user;
  await auth('login', { email, password }).expect(200);
  const { body } = await user.get('/v1/sessions?limit=1').expect(200);
  await user.get(`/v1/sessions?limit=1&cursor=${body.nextCursor}`).expect(200);
  await user.delete(`/v1/sessions/${body.items[0].id}`).expect(204);

  // In place of those that were sent.
  const token = (purpose: TokenPurpose) =>
    app.app.get(Transaction).run((manager) =>
      app.app.get(OneTimeTokens, { strict: false }).issue(manager, {
        userId: user.id,
        purpose,
        email,
      }),
    );
  await auth('verify-email', { token: await token('verify-email') }).expect(204);
  await auth('password/forgot', { email }).expect(202);
  const newPassword = 'another horse battery';
  await user.put('/v1/me/password').send({ currentPassword: password, newPassword }).expect(204);
  const newEmail = `${randomUUID()}@example.org`;
  await user.put('/v1/me/email').send({ email: newEmail, password: newPassword }).expect(202);
  for (const purpose of ['confirm-old-email', 'confirm-new-email'] as const)
    await auth('email/confirm', { token: await token(purpose) }).expect(200);

  const users = app.app.get(UsersRepository, { strict: false });
  await users.replaceHash(user.id, 'none', 'none');
  await app.app
    .get(OneTimeTokensRepository, { strict: false })
    .find(Buffer.alloc(32), 'reset-password');
  await app.app
    .get(Transaction)
    .run((manager) =>
      app.app.get(LedgerRepository, { strict: false }).hasSignUpGrant(manager, user.id),
    );
}
