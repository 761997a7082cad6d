import { describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';
import { expectProblem } from '../support/problems.js';

const PATH = '/.well-known/security.txt';

describe('security.txt with a contact', () => {
  const app = useTestApp({
    inference: new FakeInference(),
    worker: false,
    env: { SECURITY_CONTACT: 'mailto:security@example.com', PUBLIC_URL: 'https://api.example.com' },
  });

  it('says whom to write to, for less than a year (RFC 9116)', async () => {
    const { text, headers } = await request(app.url).get(PATH).expect(200);
    expect(headers['content-type']).toBe('text/plain; charset=utf-8');
    const fields = new Map(
      text
        .trimEnd()
        .split('\n')
        .map((line): [string, string] => {
          const [, name = '', value = ''] = /^([\w-]+): (.+)$/.exec(line) ?? [];
          return [name, value];
        }),
    );
    expect([...fields.keys()]).toEqual(['Contact', 'Expires', 'Preferred-Languages', 'Canonical']);
    expect(fields.get('Contact')).toBe('mailto:security@example.com');
    expect(fields.get('Canonical')).toBe(`https://api.example.com${PATH}`);
    const days = (Date.parse(fields.get('Expires') ?? '') - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(170);
    expect(days).toBeLessThan(365);
  });
});

describe('security.txt without a contact', () => {
  const app = useTestApp({ inference: new FakeInference(), worker: false });

  it('does not exist', async () => {
    expectProblem(await request(app.url).get(PATH), 404, 'NOT_FOUND');
  });
});
