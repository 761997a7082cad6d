import { randomBytes, randomUUID } from 'node:crypto';
import type { Type } from '@nestjs/common';
import request from 'supertest';
import { Tickets } from '../../src/auth/tickets.js';
import { Transaction } from '../../src/database/transaction.js';
import { IdentitiesRepository } from '../../src/sign-in/oidc/identities.repository.js';
import { PasskeysRepository } from '../../src/sign-in/passkeys/passkeys.repository.js';
import { SignInRepository } from '../../src/sign-in/sign-in.repository.js';
import { TotpRepository } from '../../src/sign-in/totp/totp.repository.js';
import { registered } from '../factories/users.js';
import { challengeOf, withAuthenticatorApp } from '../support/sign-in.js';
import type { TestApp } from '../support/test-app.js';

export const SIGN_IN_REPOSITORIES: Type[] = [
  IdentitiesRepository,
  PasskeysRepository,
  SignInRepository,
  Tickets,
  TotpRepository,
];

export async function signIns(app: TestApp): Promise<void> {
  const user = await registered(app);
  const { authenticator, recoveryCodes } = await withAuthenticatorApp(app, user);
  await user.get('/v1/me/totp').expect(200);
  const challenge = await challengeOf(app, user);
  const answer = (proof: object) =>
    request(app.url)
      .post('/v1/auth/second-factor')
      .send({ challenge, ...proof });
  await answer({ recoveryCode: 'aaaa-aaaa-aaaa-aaaa' }).expect(401);
  await answer({ code: '000000' }).expect(401);
  await answer({ recoveryCode: recoveryCodes[0] }).expect(200);
  const code = await authenticator.code();
  await user.post('/v1/me/recovery-codes').send({ code }).expect(200);
  await ticketsOf(app);
  await identitiesAndPasskeys(app, user.id);
  const totp = app.app.get(TotpRepository);
  await app.app.get(Transaction).run((manager) => totp.remove(manager, user.id));
}

async function ticketsOf({ app }: TestApp): Promise<void> {
  const tickets = app.get(Tickets);
  await tickets.take('oidc', await tickets.issue('oidc', 60));
}

async function identitiesAndPasskeys({ app }: TestApp, userId: string): Promise<void> {
  const identities = app.get(IdentitiesRepository);
  const passkeys = app.get(PasskeysRepository);
  const signIn = app.get(SignInRepository);
  const [provider, subject, credentialId] = [
    'keycloak',
    randomUUID(),
    randomBytes(16).toString('hex'),
  ];
  const passkey = { id: randomUUID(), userId, credentialId, publicKey: Buffer.alloc(1) };
  await app.get(Transaction).run(async (manager) => {
    await identities.insert(manager, { provider, subject, userId });
    const rest = { signCount: 0, transports: [], name: 'Phone' };
    await passkeys.insert(manager, { ...passkey, ...rest });
    await signIn.lockMethods(manager, userId);
  });
  await identities.findUser(provider, subject);
  await identities.list(userId);
  await passkeys.list(userId);
  await passkeys.findByCredential(credentialId);
  await passkeys.countUse(passkey.id, 1);
  await signIn.isYounger(randomUUID(), 10);
  await app.get(Transaction).run(async (manager) => {
    await identities.remove(manager, userId, provider);
    await passkeys.remove(manager, userId, passkey.id);
  });
}
