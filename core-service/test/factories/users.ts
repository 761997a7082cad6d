import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { Operations } from '../../src/admin/operations.service.js';
import { COMMAND_LINE } from '../../src/audit/audit-entry.js';
import { client, type Client } from '../support/client.js';
import type { UserPrincipal } from '../../src/common/principal.js';
import type { TestApp } from '../support/test-app.js';

/** Sends its requests to the app where it registered. */
export interface TestUser extends Client {
  id: string;
  email: string;
  password: string;
  accessToken: string;
  refreshToken: string;
}

/** A registered user, with the sign-up grant. */
export async function registered(
  { url }: Pick<TestApp, 'url'>,
  email = `${randomUUID()}@example.com`,
): Promise<TestUser> {
  const password = 'correct horse battery';
  const { body } = await request(url)
    .post('/v1/auth/register')
    .send({ email, password })
    .expect(201);
  return {
    ...client({ url }, body),
    id: body.user.id,
    email,
    password,
    accessToken: body.accessToken,
    refreshToken: body.refreshToken,
  };
}

/** What the guard makes of the user's access token. */
export function principalOf({ id }: Pick<TestUser, 'id'>): UserPrincipal {
  return { kind: 'user', userId: id, sessionId: randomUUID(), role: 'user' };
}

/** A registered user whom the command line would make an operator. */
export async function operatorOf(app: Pick<TestApp, 'url' | 'app'>): Promise<TestUser> {
  const user = await registered(app);
  await app.app.get(Operations).setRole(COMMAND_LINE, user.id, 'operator', 'for the tests');
  return user;
}
