import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OpenAPIObject, ResponseObject } from '@nestjs/swagger';
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
  'post /v1/webhook-endpoints',
  'get /v1/webhook-endpoints',
  'get /v1/webhook-endpoints/{id}',
  'patch /v1/webhook-endpoints/{id}',
  'delete /v1/webhook-endpoints/{id}',
  'post /v1/webhook-endpoints/{id}/rotate-secret',
  'post /v1/webhook-endpoints/{id}/test',
  'post /v1/webhook-endpoints/{id}/replay',
  'get /v1/webhook-endpoints/{id}/deliveries',
  'post /v1/webhook-endpoints/{id}/deliveries/{deliveryId}/redeliver',
  'get /health/live',
  'get /health/ready',
];

const at = (value: object, [key = '', ...rest]: string[]): object => {
  const child = (value as Record<string, object>)[key] ?? {};
  return rest.length > 0 ? at(child, rest) : child;
};

describe('the API document', () => {
  let app: TestApp;
  let document: OpenAPIObject;
  beforeAll(async () => {
    app = await startTestApp({ worker: false });
    document = (await request(app.url).get('/docs/openapi.json').expect(200)).body;
  });
  afterAll(() => app.close());

  const resolved = (value: object = {}): object =>
    '$ref' in value ? at(document, String(value.$ref).split('/').slice(1)) : value;
  const hasExample = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false;
    const whole = resolved(value);
    return 'example' in whole || 'examples' in whole || Object.values(whole).some(hasExample);
  };
  const operations = () =>
    Object.entries(document.paths).flatMap(([path, item]) =>
      METHODS.flatMap((method) => {
        const operation = item[method];
        return operation ? [{ name: `${method} ${path}`, operation }] : [];
      }),
    );

  it('equals the committed file', async () => {
    const file = new URL('../../../docs/api/openapi.json', import.meta.url);
    // If this fails, run `make openapi` and commit the result.
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual(document);
  });

  it('fills the form on the page with what can be sent', async () => {
    const styles = document.paths['/v1/transformations']?.post?.requestBody;
    expect(JSON.stringify(styles)).not.toContain('"example":""');
    const { text } = await request(app.url).get('/docs/swagger-ui-init.js').expect(200);
    expect(text).toMatch(/"format": "weighted-styles",\s+"type": "string",\s+"example": ""/);
  });

  it('has every documented route', () => {
    expect(operations().map(({ name }) => name)).toEqual(expect.arrayContaining(ROUTES));
  });

  it('describes every operation, its responses and its errors', () => {
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

  it('has unique operationIds, since clients are generated from them', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('describes every error as problem+json', () => {
    const others = operations().flatMap(({ name, operation }) =>
      Object.entries(operation.responses ?? {})
        .filter(([status]) => /^[45]/.test(status))
        .filter(
          ([, response]) =>
            !JSON.stringify(resolved(response)).includes('application/problem+json'),
        )
        .map(([status]) => `${name}: ${status}`),
    );
    expect(others).toEqual([]);
  });

  it('has no dangling references', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/([\w./-]+)"/g)];
    const paths = new Set(references.map(([, path = '']) => path.split('/')));
    expect(paths.size).toBeGreaterThan(20);
    for (const path of paths) expect(document.components).toHaveProperty(path);
  });

  it('is OpenAPI 3.1, with schemas as strict as the code', () => {
    expect(document.openapi).toBe('3.1.0');
    const { Credentials, Registration } = document.components?.schemas ?? {};
    expect(Credentials).toMatchObject({
      additionalProperties: false,
      properties: { email: { format: 'email' } },
    });
    expect(Registration).toMatchObject({
      properties: { password: { minLength: 10, maxLength: 128 } },
    });
  });

  it('has an example on every operation', () => {
    const lacking = operations().filter(({ operation }) => {
      const { parameters, requestBody, responses } = operation;
      const answers = Object.entries(responses).filter(([status]) => status.startsWith('2'));
      return !hasExample([parameters, requestBody, answers.map(([, answer]) => answer)]);
    });
    expect(lacking.map(({ name }) => name)).toEqual([]);
  });

  it('links created resources to their operations by operationId', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    const links = (path: string, status: string) =>
      Object.values(
        (document.paths[path]?.post?.responses[status] as ResponseObject | undefined)?.links ?? {},
      ).map((link) => 'operationId' in link && link.operationId);
    for (const status of ['200', '201', '202'])
      expect(links('/v1/transformations', status)).toEqual(
        expect.arrayContaining([
          'transformations.result',
          'transformations.cancel',
          'transformations.events',
        ]),
      );
    expect(links('/v1/styles', '201')).toContain('styles.delete');
    expect(ids).toEqual(expect.arrayContaining(links('/v1/transformations', '202')));
  });

  it('declares bearer authentication and file uploads', () => {
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

  it('is shown on a page whose assets are served', async () => {
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
