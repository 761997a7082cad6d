import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject } from '@nestjs/swagger';
import request from 'supertest';
import { startTestApp, type TestApp } from '../support/test-app.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

/** The routes of api.md. */
const ROUTES = [
  'post /v1/auth/register',
  'post /v1/auth/login',
  'post /v1/auth/refresh',
  'post /v1/auth/logout',
  'get /v1/me',
  'get /v1/tokens/balance',
  'get /v1/tokens/entries',
  'get /v1/pricing',
  'get /v1/styles',
  'post /v1/styles',
  'get /v1/styles/{id}/preview',
  'delete /v1/styles/{id}',
  'post /v1/transformations',
  'get /v1/transformations',
  'get /v1/transformations/{id}',
  'get /v1/transformations/{id}/result',
  'get /v1/transformations/{id}/original',
  'get /v1/transformations/{id}/events',
  'post /v1/transformations/{id}/cancel',
  'delete /v1/transformations/{id}',
  'get /health/live',
  'get /health/ready',
];

describe('the API document', () => {
  let app: TestApp;
  let document: OpenAPIObject;
  beforeAll(async () => {
    app = await startTestApp({ worker: false });
    document = (await request(app.url).get('/docs/openapi.json').expect(200)).body;
  });
  afterAll(() => app.close());

  const operations = () =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.flatMap((method) => {
        const operation = item[method];
        return operation ? [{ name: `${method} ${path}`, operation }] : [];
      }),
    );

  it('is committed as it is served', async () => {
    const file = new URL('../../../docs/api/openapi.json', import.meta.url);
    // Else: make openapi, and commit what it wrote.
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(document);
  });

  it('has every route of the contract', () => {
    expect(operations().map(({ name }) => name)).toEqual(expect.arrayContaining(ROUTES));
  });

  it('says of every operation what it does, what it answers and how it refuses', () => {
    const lacking = operations().flatMap(({ name, operation }) => {
      const statuses = Object.keys(operation.responses ?? {});
      return [
        ...(operation.summary ? [] : [`${name}: no summary`]),
        ...(operation.tags?.length ? [] : [`${name}: no tag`]),
        ...(operation.operationId ? [] : [`${name}: no operationId`]),
        ...(statuses.some((status) => /^2\d\d$/.test(status)) ? [] : [`${name}: no success`]),
        ...(statuses.some((status) => /^([45]\d\d|default)$/.test(status))
          ? []
          : [`${name}: no error`]),
      ];
    });
    expect(lacking).toEqual([]);
  });

  it('gives no operationId twice, for clients are generated from it', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes every error as problem+json', () => {
    const others = operations().flatMap(({ name, operation }) =>
      Object.entries(operation.responses ?? {})
        .filter(([status]) => /^[45]/.test(status) && name !== 'get /health/ready')
        .filter(([, response]) => !JSON.stringify(response).includes('application/problem+json'))
        .map(([status]) => `${name}: ${status}`),
    );
    expect(others).toEqual([]);
  });

  it('refers to nothing that is not there', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/(\w+)"/g)];
    const names = new Set(references.map(([, name]) => name));
    expect(names.size).toBeGreaterThan(5);
    expect(Object.keys(document.components?.schemas ?? {})).toEqual(
      expect.arrayContaining([...names]),
    );
  });

  it('lets one authorise, and upload a file', () => {
    expect(document.components?.securitySchemes).toEqual({
      bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
    });
    for (const path of ['/v1/transformations', '/v1/styles'])
      expect(document.paths[path]?.post?.requestBody).toMatchObject({
        content: {
          'multipart/form-data': {
            schema: { properties: { image: { type: 'string', format: 'binary' } } },
          },
        },
      });
  });

  it('is shown by a page whose parts are served', async () => {
    const page = await request(app.url).get('/docs').redirects(1).expect(200);
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    const parts = [...page.text.matchAll(/(?:src|href)="([^"]+\.(?:js|css))"/g)];
    expect(parts.length).toBeGreaterThanOrEqual(3);
    for (const [, part = ''] of parts) {
      const address = new URL(part, page.request.url);
      await request(app.url).get(address.pathname).expect(200);
    }
  });
});
