import { type Scope, SCOPES } from '../../src/common/principal.js';
import { client, type Client } from '../support/client.js';
import type { TestApp } from '../support/test-app.js';
import type { TestUser } from './users.js';

export interface TestKey extends Client {
  id: string;
  /** `stz_live_…` */
  key: string;
}

/** An API key of the user, with every scope unless `fields` say otherwise. */
export async function keyOf(
  app: Pick<TestApp, 'url'>,
  user: TestUser,
  fields: { scopes?: readonly Scope[]; [field: string]: unknown } = {},
): Promise<TestKey> {
  const { body } = await user
    .post('/v1/api-keys')
    .send({ name: 'For the test', scopes: SCOPES, ...fields })
    .expect(201);
  return { ...client(app, { accessToken: body.key }), id: body.id, key: body.key };
}
