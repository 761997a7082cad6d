import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, exportJWK } from 'jose';
import { z } from 'zod';
import { asymmetricKeys } from './asymmetric-keys.js';

const schema = z.string().transform(asymmetricKeys);
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const spki = { type: 'spki', format: 'pem' } as const;
const pem = (pair: typeof ec) => pair.privateKey.export(pkcs8).toString();

describe('keys of the configuration', () => {
  it('are none if it is empty', () => expect(schema.parse('')).toEqual([]));

  it('are PEM blocks, with line ends or with \\n, each named by its thumbprint', async () => {
    const text = pem(ec) + rsa.publicKey.export(spki).toString();
    for (const spelling of [text, text.replaceAll('\n', String.raw`\n`)]) {
      const [first, second] = schema.parse(spelling);
      expect(first).toMatchObject({
        algorithm: 'ES256',
        kid: await calculateJwkThumbprint(await exportJWK(ec.publicKey)),
      });
      expect(first?.privateKey?.type).toBe('private');
      expect(second).toMatchObject({
        algorithm: 'RS256',
        kid: await calculateJwkThumbprint(await exportJWK(rsa.publicKey)),
      });
      expect(second?.privateKey).toBeUndefined();
    }
  });

  it('are a JWK Set, whose own ids count', () => {
    const keys = [
      { ...ec.privateKey.export({ format: 'jwk' }), kid: 'mine' },
      rsa.publicKey.export({ format: 'jwk' }),
    ];
    const parsed = schema.parse(JSON.stringify({ keys }));
    expect(parsed.map(({ kid }) => kid)).toEqual(['mine', expect.stringMatching(/^[\w-]{43}$/)]);
    expect(parsed[0]?.privateKey?.asymmetricKeyType).toBe('ec');
  });

  it.each<[string, string]>([
    ['text', 'hello'],
    ['JSON that is no set', '{"kty":"EC"}'],
    ['broken JSON', '{'],
    ['a broken block', pem(ec).replace(/^M.{20}/m, 'x')],
    ['the same key twice', pem(ec) + pem(ec)],
    [
      'another curve',
      generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey.export(pkcs8).toString(),
    ],
    ['Ed25519', generateKeyPairSync('ed25519').privateKey.export(pkcs8).toString()],
    [
      'a short RSA key',
      generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export(pkcs8).toString(),
    ],
  ])('are not %s, and the message does not quote it', (_what, text) => {
    const { success, error } = schema.safeParse(text);
    expect(success).toBe(false);
    const message = error?.issues.map((issue) => issue.message).join() ?? '';
    expect(message).toMatch(/must be|may have/);
    expect(message).not.toContain(text.slice(30, 50) || text);
  });
});
