import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';

const PAGE = 'https://app.example.com';

describe('the headers of an answer', () => {
  const app = useTestApp({ worker: false });

  it.each([
    ['a public route', '/v1/pricing', 200],
    ['a refused one', '/v1/me', 401],
    ['an unknown one', '/nowhere', 404],
    ['a method that is not allowed', '/v1/auth/login', 405],
  ])('of %s let nothing run, load, frame or sniff it', async (_what, path, status) => {
    const { headers } = await request(app.url).get(path).expect(status);
    expect(headers).toMatchObject({
      'content-security-policy': "default-src 'none';frame-ancestors 'none'",
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
    // Over plain HTTP, and without a list of origins.
    expect(headers).not.toHaveProperty('strict-transport-security');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it('of the API page allow its own scripts alone', async () => {
    for (const path of ['/docs', '/docs/', '/docs?a', '/docs/swagger-ui-init.js']) {
      const { headers } = await request(app.url).get(path);
      const policy = String(headers['content-security-policy']);
      expect(policy).toContain("script-src 'self';");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/script-src[^;]*unsafe/);
    }
    const { headers } = await request(app.url).get('/docsx');
    expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'");
  });

  it('let other pages show the previews of the catalogue', async () => {
    const { headers } = await request(app.url).get('/v1/styles/starry-night/preview').expect(200);
    expect(headers['cross-origin-resource-policy']).toBe('cross-origin');
  });

  it('answer OPTIONS as before where no page may call', async () => {
    const { headers } = await request(app.url).options('/v1/me').set('origin', PAGE).expect(405);
    expect(headers).not.toHaveProperty('access-control-allow-methods');
  });
});

describe('behind TLS, with pages that may call', () => {
  const env = {
    PUBLIC_URL: 'https://api.example.com',
    CORS_ORIGINS: `${PAGE}, http://localhost:5173`,
  };
  const app = useTestApp({ inference: new FakeInference(), worker: false, env });

  it('HTTPS is kept for a year', async () => {
    const { headers } = await request(app.url).get('/v1/pricing');
    expect(headers['strict-transport-security']).toBe('max-age=31536000');
  });

  it.each([PAGE, 'http://localhost:5173'])('%s may ask, and read what we send', async (origin) => {
    const preflight = await request(app.url)
      .options('/v1/transformations')
      .set({ origin, 'access-control-request-method': 'POST' })
      .expect(204);
    expect(preflight.headers).toMatchObject({
      'access-control-allow-origin': origin,
      'access-control-allow-methods': expect.stringContaining('DELETE'),
      'access-control-allow-headers': expect.stringMatching(/authorization.*idempotency-key/),
      'access-control-max-age': '7200',
      vary: 'Origin',
    });
    for (const path of ['/v1/styles', '/v1/me', '/nowhere']) {
      const { headers } = await request(app.url).get(path).set('origin', origin);
      expect(headers['access-control-allow-origin']).toBe(origin);
      expect(headers['access-control-expose-headers']).toMatch(/etag.*ratelimit.*x-request-id/);
      expect(headers['vary']).toMatch(/origin/i);
      expect(headers).not.toHaveProperty('access-control-allow-credentials');
    }
  });

  it.each(['https://evil.example', 'https://app.example.com.evil.example', 'null'])(
    '%s may not',
    async (origin) => {
      const preflight = await request(app.url)
        .options('/v1/me')
        .set({ origin, 'access-control-request-method': 'GET' });
      const answer = await request(app.url).get('/v1/pricing').set('origin', origin);
      for (const { headers } of [preflight, answer])
        expect(headers).not.toHaveProperty('access-control-allow-origin');
    },
  );
});
