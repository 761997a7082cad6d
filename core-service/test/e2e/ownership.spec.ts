import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import request, { type Response } from 'supertest';
import { createDocument } from '../../src/document.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { client } from '../support/client.js';
import { expectProblem } from '../support/problems.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { tracesOf } from '../support/traces.js';

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

describe("somebody else's transformation", () => {
  let app: TestApp;
  let owner: TestUser;
  let stranger: TestUser;
  let id: string;
  let routes: Route[];

  beforeAll(async () => {
    app = await startTestApp();
    [owner, stranger] = await Promise.all([registered(app), registered(app)]);
    const { body } = await client(app, owner)
      .submit(await picture({ width: 32, height: 32 }))
      .expect(201);
    id = body.id;
    routes = protectedRoutes(createDocument(app.app));
  });
  afterAll(() => app.close());

  const call = ({ method, path }: Route, user?: TestUser): Promise<Response> => {
    const sent = request(app.url)[method](path.replaceAll(/\{\w+\}/g, id));
    return user ? sent.auth(user.accessToken, { type: 'bearer' }) : sent;
  };

  it('is reached by the routes that api.md names', () => {
    expect(routes.map(({ method, path }) => `${method} ${path}`)).toEqual(
      expect.arrayContaining([
        'get /v1/transformations/{id}',
        'get /v1/transformations/{id}/result',
        'get /v1/transformations/{id}/original',
        'get /v1/transformations/{id}/events',
        'post /v1/transformations/{id}/cancel',
        'delete /v1/transformations/{id}',
      ]),
    );
  });

  it('is not found by any route that has an id, and stays as it is', async () => {
    const before = await tracesOf(app, owner);
    const bodies = [];
    for (const route of routes.filter(({ path }) => path.includes('{'))) {
      const response = await call(route, stranger);
      expectProblem(response, 404, 'NOT_FOUND');
      bodies.push({ ...response.body, instance: '', requestId: '' });
    }
    expect(bodies.length).toBeGreaterThanOrEqual(6);
    // The same words everywhere, and the same as for what nobody has.
    const unknown = '019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f';
    const { body } = await client(app, stranger).get(`/v1/transformations/${unknown}`);
    for (const other of bodies) expect(other).toEqual({ ...body, instance: '', requestId: '' });

    expect(await tracesOf(app, owner)).toEqual(before);
    await client(app, owner).get(`/v1/transformations/${id}/result`).expect(200);
  });

  it('is not in their list', async () => {
    const { body } = await client(app, stranger).get('/v1/transformations').expect(200);
    expect(body).toEqual({ items: [], nextCursor: null });
  });

  it('is refused to who does not say who they are, as is every protected route', async () => {
    const open = ['get /v1/styles'];
    const closed = routes.filter(({ method, path }) => !open.includes(`${method} ${path}`));
    expect(closed.length).toBeGreaterThanOrEqual(11);
    for (const route of closed) {
      const response = await call(route);
      expectProblem(response, 401, 'UNAUTHENTICATED');
      expect(response.headers['www-authenticate']).toBe('Bearer');
    }
  });

  it('is what every route not declared open protects', () => {
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
      'get /v1/styles/{id}/preview',
      'post /v1/auth/login',
      'post /v1/auth/logout',
      'post /v1/auth/refresh',
      'post /v1/auth/register',
    ]);
  });
});
