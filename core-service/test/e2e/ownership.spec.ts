import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import request, { type Response } from 'supertest';
import { createDocument } from '../../src/app/document.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { expectProblem } from '../support/problems.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { tracesOf } from '../support/traces.js';
import { until } from '../support/until.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
type Method = (typeof METHODS)[number];

interface Route {
  method: Method;
  path: string;
}

/** Read from the document, so that a new route cannot be forgotten. */
function protectedRoutes({ paths }: OpenAPIObject): Route[] {
  return Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]?.security?.length).map((method) => ({ method, path })),
  );
}

describe("another user's transformation or style", () => {
  let app: TestApp;
  let owner: TestUser;
  let stranger: TestUser;
  /** By the first path segment: the owner's resource and its not-found error. */
  let theirs: Record<string, { id: string; code: string }>;
  let routes: Route[];

  beforeAll(async () => {
    app = await startTestApp();
    [owner, stranger] = await Promise.all([registered(app), registered(app)]);
    const image = await picture({ width: 32, height: 32 });
    const transformation = await owner.submit(image).expect(201);
    const style = await owner.createStyle(image).expect(201);
    const exported = await owner.post('/v1/me/export').expect(202);
    await until(
      () => owner.get(`/v1/me/export/${exported.body.id}`),
      ({ body }) => body.status === 'ready',
    );
    theirs = {
      transformations: { id: transformation.body.id, code: 'NOT_FOUND' },
      styles: { id: style.body.id, code: 'STYLE_NOT_FOUND' },
      me: { id: exported.body.id, code: 'NOT_FOUND' },
    };
    routes = protectedRoutes(createDocument(app.app));
  });
  afterAll(() => app.close());

  const ownersOf = ({ path }: Route) => {
    const kind = path.split('/')[2] ?? '';
    const resource = theirs[kind];
    if (!resource) throw new Error(`${path} has an id of a kind that nothing is known of here`);
    return { kind, ...resource };
  };
  const call = (
    route: Route,
    user?: TestUser,
    id = route.path.includes('{') ? ownersOf(route).id : '',
  ): Promise<Response> => {
    const sent = request(app.url)[route.method](route.path.replaceAll(/\{\w+\}/g, id));
    return user ? sent.auth(user.accessToken, { type: 'bearer' }) : sent;
  };

  it('is addressed by the documented routes', () => {
    expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual(
      expect.arrayContaining([
        'get /v1/transformations/{id}',
        'get /v1/transformations/{id}/result',
        'get /v1/transformations/{id}/original',
        'get /v1/transformations/{id}/events',
        'post /v1/transformations/{id}/cancel',
        'delete /v1/transformations/{id}',
        'get /v1/styles/{id}/preview',
        'delete /v1/styles/{id}',
      ]),
    );
  });

  it('is not found by any route with an id, and stays unchanged', async () => {
    const before = await tracesOf(app, owner);
    const unknown = '019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f';
    const words = new Map<string, Set<string>>();
    const told = (kind: string, { body }: Response) =>
      words.set(
        kind,
        (words.get(kind) ?? new Set()).add(
          JSON.stringify({ ...body, instance: '', requestId: '' }),
        ),
      );
    const withId = routes.filter(({ path }) => path.includes('{'));
    for (const route of withId) {
      const { kind, code } = ownersOf(route);
      const response = await call(route, stranger);
      expectProblem(response, 404, code);
      told(kind, response);
      told(kind, await call(route, stranger, unknown));
    }
    expect(withId.length).toBeGreaterThanOrEqual(8);
    // The same message everywhere, as for an id that does not exist.
    expect([...words].toSorted().map(([kind, { size }]) => [kind, size])).toEqual(
      Object.keys(theirs)
        .toSorted()
        .map((kind) => [kind, 1]),
    );

    expect(await tracesOf(app, owner)).toEqual(before);
    await owner.get(`/v1/transformations/${theirs.transformations?.id}/result`).expect(200);
    await owner.get(`/v1/styles/${theirs.styles?.id}/preview`).expect(200);
  });

  it('is not listed', async () => {
    const { body } = await stranger.get('/v1/transformations').expect(200);
    expect(body).toEqual({ items: [], nextCursor: null });
  });

  it('is refused without authentication, as is every protected route', async () => {
    // A token is optional here, but must be valid if sent.
    const open = ['get /v1/styles', 'get /v1/styles/{id}/preview'];
    const closed = routes.filter(({ method, path }) => !open.includes(`${method} ${path}`));
    expect(closed.length).toBeGreaterThanOrEqual(13);
    for (const route of closed) {
      const response = await call(route);
      expectProblem(response, 401, 'UNAUTHENTICATED');
      expect(response.headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('is protected by every route not declared public', () => {
    const { paths } = createDocument(app.app);
    const open = Object.entries(paths).flatMap(([path, item]) =>
      METHODS.filter((method) => item[method] && !item[method].security?.length).map(
        (method) => `${method} ${path}`,
      ),
    );
    expect(open.sort()).toEqual([
      'get /health/live',
      'get /health/ready',
      'get /v1/pricing',
      'post /v1/auth/login',
      'post /v1/auth/logout',
      'post /v1/auth/refresh',
      'post /v1/auth/register',
      'post /v1/auth/restore',
    ]);
  });
});
