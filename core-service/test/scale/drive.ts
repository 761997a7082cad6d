import { randomUUID } from 'node:crypto';
import type { Type } from '@nestjs/common';
import request from 'supertest';
import { AdminUsersRepository } from '../../src/admin/admin-users.repository.js';
import { ApiKeysRepository } from '../../src/api-keys/api-keys.repository.js';
import { AuditRepository } from '../../src/audit/audit.repository.js';
import { EmailChangesRepository } from '../../src/accounts/verification/email-changes.repository.js';
import { OneTimeTokensRepository } from '../../src/accounts/verification/one-time-tokens.repository.js';
import { AuthHousekeeping } from '../../src/auth/auth-housekeeping.js';
import { SessionsRepository } from '../../src/auth/sessions.repository.js';
import { SessionsService } from '../../src/auth/sessions.service.js';
import { Transaction } from '../../src/database/transaction.js';
import { IdempotencyKeysRepository } from '../../src/idempotency/idempotency-keys.repository.js';
import { Outbox } from '../../src/events/outbox.js';
import { InferenceError } from '../../src/inference/inference.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { CustomStylesRepository } from '../../src/styles/custom-styles.repository.js';
import { StyleHousekeeping } from '../../src/styles/style-housekeeping.js';
import { StylesService } from '../../src/styles/styles.service.js';
import { LedgerRepository } from '../../src/tokens/ledger.repository.js';
import { TokensService } from '../../src/tokens/tokens.service.js';
import { Housekeeping } from '../../src/transformations/processing/housekeeping.js';
import { TransformationsRepository } from '../../src/transformations/transformations.repository.js';
import { UsersRepository } from '../../src/users/users.repository.js';
import { keyOf } from '../factories/api-keys.js';
import { picture } from '../factories/images.js';
import { operatorOf, principalOf, registered } from '../factories/users.js';
import { client } from '../support/client.js';
import type { FakeInference } from '../support/fake-inference.js';
import type { TestApp } from '../support/test-app.js';
import { driveAccounts } from './drive-accounts.js';
import { SIGN_IN_REPOSITORIES, signIns } from './drive-sign-in.js';
import { ACCOUNT_DATA_REPOSITORIES, accountData } from './drive-account-data.js';
import { PAYMENT_REPOSITORIES, payments } from './drive-payments.js';
import { userId } from './fill.js';

const REPOSITORIES: Type[] = [
  LedgerRepository,
  TransformationsRepository,
  CustomStylesRepository,
  SessionsRepository,
  UsersRepository,
  IdempotencyKeysRepository,
  Outbox,
  ApiKeysRepository,
  AdminUsersRepository,
  AuditRepository,
  OneTimeTokensRepository,
  EmailChangesRepository,
  ...SIGN_IN_REPOSITORIES,
  ...ACCOUNT_DATA_REPOSITORIES,
  ...PAYMENT_REPOSITORIES,
];

/** Marks the test's own queries. */
export const OF_THE_TEST = '/* drive */';

/**
 * Uses every feature of a filled service, so that each of its statements runs.
 *
 * @returns methods of repositories that were not called
 */
export async function drive(app: TestApp, inference: FakeInference): Promise<string[]> {
  const uncalled = watchCalls(app);
  await account(app);
  await driveAccounts(app);
  await signIns(app);
  await reads(app);
  await pictures(app, inference);
  await styles(app, inference);
  await keys(app);
  await payments(app);
  await administration(app);
  await app.app.get(TokensService).grant(await heavyUser(app), 5, 'for the test');
  await accountData(app, await heavyUser(app));
  await app.app.get(AuthHousekeeping).run();
  await app.app.get(Housekeeping).run();
  await app.app.get(StyleHousekeeping).run();
  await app.app.get(Metrics).registry.metrics();
  await request(app.url).get('/health/ready').expect(200);
  return [...uncalled];
}

/** Names of the methods not called yet; calling one removes it. */
function watchCalls(app: TestApp): Set<string> {
  const uncalled = new Set<string>();
  for (const type of REPOSITORIES) {
    const repository = app.app.get<Record<string, (...args: unknown[]) => unknown>>(type, {
      strict: false,
    });
    for (const name of Object.getOwnPropertyNames(type.prototype)) {
      const method = repository[name];
      if (name === 'constructor' || !method) continue;
      uncalled.add(`${type.name}.${name}`);
      repository[name] = (...args) => {
        uncalled.delete(`${type.name}.${name}`);
        return method.apply(repository, args);
      };
    }
  }
  return uncalled;
}

async function account(app: TestApp): Promise<void> {
  const credentials = { email: `${randomUUID()}@example.org`, password: 'a long enough password' };
  const auth = (path: string, body: object) => request(app.url).post(`/v1/auth/${path}`).send(body);
  await auth('register', credentials).expect(201);
  const { body } = await auth('login', credentials).expect(200);
  const refreshed = await auth('refresh', { refreshToken: body.refreshToken }).expect(200);
  await auth('refresh', { refreshToken: body.refreshToken }).expect(401);
  await auth('logout', { refreshToken: refreshed.body.refreshToken }).expect(204);
}

async function heavyUser(app: TestApp): Promise<string> {
  const [row] = await app.dataSource.query<{ id: string }[]>(`SELECT ${userId(1)} AS id`);
  return String(row?.id);
}

/** For the user with most data: first pages, deep pages, and lists with few matches. */
async function reads(app: TestApp): Promise<void> {
  const id = await heavyUser(app);
  const { accessToken } = await app.app
    .get(Transaction)
    .run((manager) => app.app.get(SessionsService).open(manager, id));
  const { get } = client(app, { accessToken });
  await get('/v1/me').expect(200);
  await get('/v1/tokens/balance').expect(200);
  for (const [path, table] of [
    ['/v1/tokens/entries', 'transfers'],
    ['/v1/transformations', 'transformations'],
  ]) {
    const [middle] = await app.dataSource.query<{ cursor: string }[]>(
      `${OF_THE_TEST} SELECT translate(encode(uuid_send(id), 'base64'), '+/=', '-_') AS cursor FROM ${table}
        WHERE user_id = $1 ORDER BY id OFFSET (SELECT count(*) / 2 FROM ${table} WHERE user_id = $1) LIMIT 1`,
      [id],
    );
    await get(`${path}?limit=100`).expect(200);
    await get(`${path}?limit=100&cursor=${middle?.cursor}`).expect(200);
  }
  for (const status of ['pending', 'processing', 'completed', 'failed', 'cancelled'])
    await get(`/v1/transformations?limit=100&status=${status}`).expect(200);
  await get('/v1/styles').expect(200);
}

async function pictures(app: TestApp, inference: FakeInference): Promise<void> {
  const user = await registered(app);
  const { submit, get, post, delete: remove } = user;
  const image = await picture();
  const paint = inference.conduct;
  inference.conduct = (bytes, context) => {
    context.onProgress?.(1, 2);
    return paint(bytes, context);
  };
  const { body } = await submit(image).set('idempotency-key', 'once').expect(201);
  await submit(image).set('idempotency-key', 'once').expect(201);
  await get(`/v1/transformations/${body.id}`).expect(200);
  await get(`/v1/transformations/${body.id}/result`).expect(200);
  await get(`/v1/transformations/${body.id}/events`).expect(200);
  // Open event streams do this every few seconds.
  await app.app.get(Outbox).recentSubjects(20);
  await remove(`/v1/transformations/${body.id}`).expect(204);

  inference.conduct = () => Promise.reject(new InferenceError('rejected', 'for the test'));
  await submit(image).set('idempotency-key', 'fails').expect(500);
  inference.conduct = paint;

  inference.ready = false;
  const waiting = await submit(image).set('prefer', 'respond-async').expect(202);
  await post(`/v1/transformations/${waiting.body.id}/cancel`).expect(200);
  const lost = await submit(image).set('prefer', 'respond-async').expect(202);
  // The queue has given it up.
  const { ProcessTransformation } =
    await import('../../src/transformations/processing/process-transformation.js');
  await app.app.get(ProcessTransformation).giveUp(lost.body.id);
  inference.ready = true;
}

async function styles(app: TestApp, inference: FakeInference): Promise<void> {
  const user = await registered(app);
  const { createStyle, submit, get, delete: remove } = user;
  const image = await picture();
  const { body } = await createStyle(image).set('idempotency-key', 'style').expect(201);
  await get('/v1/styles').expect(200);
  // Queried when a client repeats a request whose answer was lost.
  await app.app.get(StylesService).getOwn(principalOf(user), body.id);
  await get(body.previewUrl).expect(200);
  await submit(image, body.id).expect(201);
  inference.model = () => 'model-2';
  await submit(image, body.id).expect(201);
  inference.model = () => 'model-1';
  const { encode } = inference;
  inference.encode = () => Promise.reject(new InferenceError('rejected', 'for the test'));
  await createStyle(image).expect(({ status }) => status >= 400);
  inference.encode = encode;
  await remove(`/v1/styles/${body.id}`).expect(204);
}

async function keys(app: TestApp): Promise<void> {
  const user = await registered(app);
  const { id, submit, post } = await keyOf(app, user, { budget: { perDay: 1_000, total: 1_000 } });
  const { body } = await submit(await picture())
    .set('prefer', 'respond-async')
    .expect(202);
  await post(`/v1/transformations/${body.id}/cancel`);
  const { items } = (await user.get('/v1/api-keys?limit=100').expect(200)).body;
  const cursor = Buffer.from(items[0].id.replaceAll('-', ''), 'hex').toString('base64url');
  await user.get(`/v1/api-keys?limit=100&cursor=${cursor}`).expect(200);
  await user.delete(`/v1/api-keys/${id}`).expect(204);
}

async function administration(app: TestApp): Promise<void> {
  const operator = await operatorOf(app);
  const { get, post, put } = operator;
  const id = await heavyUser(app);
  const of = (act = '') => `/v1/admin/users/${id}${act}`;
  const { body } = await get('/v1/admin/users?limit=100').expect(200);
  await get(`/v1/admin/users?limit=100&cursor=${body.nextCursor}`).expect(200);
  await get('/v1/admin/users?email=user1@example.com').expect(200);
  await get(of()).expect(200);
  const reason = 'for the test';
  const grant = () => post(of('/grant')).set('idempotency-key', 'once').send({ amount: 5, reason });
  await grant().expect(200);
  await grant().expect(200);
  await put(of('/role')).send({ role: 'user', reason }).expect(200);
  await post(of('/suspend')).send({ reason }).expect(200);
  await post(of('/unsuspend')).send({ reason }).expect(200);
  for (const filter of ['', `subjectId=${id}`, `actorId=${operator.id}`])
    await get(`/v1/admin/audit?limit=100&${filter}`).expect(200);
  await get('/v1/admin/trial-balance').expect(200);
}
