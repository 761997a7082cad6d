import { describe, expect, it } from '@jest/globals';
import { ConfigError, loadConfig } from '@stylizer/common';
import { configSchema } from './config.js';

const SECRET = 'hunter2-4f9c1b7e';
const provider = {
  id: 'keycloak',
  name: 'Keycloak',
  issuer: 'https://keycloak.example.com/realms/stylizer',
  clientId: 'stylizer',
  clientSecret: SECRET,
};
const valid = {
  DATABASE_URL: 'postgres://core@db.internal/core',
  JWT_SECRET: 'k3yZ-91xQ_wv7Lr+42TnBe/HsMc08Gd5',
};

function messageOf(env: Record<string, string>): string {
  try {
    loadConfig(configSchema, { ...valid, ...env });
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  return 'accepted';
}
const ofProviders = (...list: unknown[]) => messageOf({ OIDC_PROVIDERS: JSON.stringify(list) });

describe('OIDC_PROVIDERS', () => {
  it('is a list, with scopes by default', () => {
    const env = { ...valid, OIDC_PROVIDERS: JSON.stringify([provider]) };
    expect(loadConfig(configSchema, env).OIDC_PROVIDERS).toEqual([
      { ...provider, scopes: 'openid email profile' },
    ]);
    expect(loadConfig(configSchema, valid).OIDC_PROVIDERS).toEqual([]);
  });

  it.each<[string, unknown, string]>([
    ['an issuer that is no URL', { ...provider, issuer: SECRET }, '[0].issuer'],
    ['an id that cannot be in a path', { ...provider, id: `${SECRET}/..` }, '[0].id'],
    ['no secret', { ...provider, clientSecret: undefined }, '[0].clientSecret'],
    ['scopes without openid', { ...provider, scopes: SECRET }, '[0].scopes'],
    ['an unknown key', { ...provider, [SECRET]: 1 }, '[0]'],
  ])('is refused with %s, without a word of its value', (_what, bad, place) => {
    const message = ofProviders(bad);
    expect(message).toContain(`OIDC_PROVIDERS: has a bad or missing ${place}:`);
    expect(message).not.toContain('hunter2');
  });

  it('is refused if it is not JSON, no list, or has an id twice', () => {
    const bad = [`{"clientSecret":"${SECRET}`, JSON.stringify(provider), 'null'];
    for (const OIDC_PROVIDERS of bad) {
      expect(messageOf({ OIDC_PROVIDERS })).toContain('OIDC_PROVIDERS: ');
      expect(messageOf({ OIDC_PROVIDERS })).not.toContain('hunter2');
    }
    expect(ofProviders(provider, provider)).toContain('OIDC_PROVIDERS: has an id twice');
  });

  it('takes an issuer without TLS for development alone', () => {
    const OIDC_PROVIDERS = JSON.stringify([{ ...provider, issuer: 'http://localhost:8080' }]);
    expect(messageOf({ OIDC_PROVIDERS })).toBe('accepted');
    expect(messageOf({ OIDC_PROVIDERS, NODE_ENV: 'production' })).toContain('https issuers');
  });
});

describe.each(['OIDC_REDIRECT_URIS', 'WEBAUTHN_ORIGINS'] as const)('%s', (name) => {
  it('is URLs, comma-separated', () => {
    const env = { ...valid, [name]: 'https://a.example.com/x, http://localhost:3000' };
    expect(loadConfig(configSchema, env)[name]).toEqual([
      'https://a.example.com/x',
      'http://localhost:3000',
    ]);
    for (const bad of ['javascript:alert(1)', '/x', 'https://a.example.com,x'])
      expect(messageOf({ [name]: bad })).toContain(name);
  });
});
