import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { keyOf } from '../../factories/api-keys.js';
import { picture } from '../../factories/images.js';
import type { TestUser } from '../../factories/users.js';
import type { TestApp } from '../../support/test-app.js';

const image = await picture({ width: 32, height: 32 });

/** The session that an access token says it is of. */
const sessionOf = (token: string): string =>
  JSON.parse(Buffer.from(String(token.split('.')[1]), 'base64url').toString()).sid;

const endpointOf = async (user: TestUser): Promise<string> =>
  (await user.post('/v1/webhook-endpoints').send({ url: 'https://example.com/hook' }).expect(201))
    .body.id;

/** Makes something that a user owns; returns the ids in the path of its routes, by their names there. */
export const RESOURCES = {
  user: async (_app, { id }) => ({ id }),
  transformation: async (_app, user) => ({ id: (await user.submit(image).expect(201)).body.id }),
  style: async (_app, user) => ({ id: (await user.createStyle(image).expect(201)).body.id }),
  session: async ({ url }, { email, password }) => {
    const login = request(url).post('/v1/auth/login').send({ email, password });
    return { id: sessionOf((await login.expect(200)).body.accessToken) };
  },
  passkey: async ({ dataSource }, { id: userId }) => {
    const id = randomUUID();
    await dataSource.query(
      `INSERT INTO passkeys (id, user_id, credential_id, public_key, sign_count, transports, name)
       VALUES ($1::uuid, $2, $1::text, '', 0, '{}', 'for the test')`,
      [id, userId],
    );
    return { id };
  },
  /** One that is not configured. */
  provider: async () => ({ provider: 'keycloak' }),
  'webhook endpoint': async (_app, user) => ({ id: await endpointOf(user) }),
  delivery: async (_app, user) => {
    const id = await endpointOf(user);
    const sent = await user.post(`/v1/webhook-endpoints/${id}/test`).expect(202);
    return { id, deliveryId: sent.body.id };
  },
  export: async ({ dataSource }, { id: userId }) => {
    const id = randomUUID();
    await dataSource.query(
      `INSERT INTO account_exports (id, user_id, status, error_code, expires_at)
       VALUES ($1, $2, 'failed', 'EXPORT_FAILED', now() + interval '1 day')`,
      [id, userId],
    );
    return { id };
  },
  'API key': async (app, user) => ({ id: (await keyOf(app, user)).id }),
} satisfies Record<string, (app: TestApp, owner: TestUser) => Promise<Record<string, string>>>;
export type ResourceKind = keyof typeof RESOURCES;
