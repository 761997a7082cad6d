import { createHmac, createSecretKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { decodeProtectedHeader } from 'jose';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

type Algorithm = 'HS256' | 'ES256' | 'RS256';

interface VerifyingKey {
  kid: string;
  algorithm: Algorithm;
  key: KeyObject;
}

/**
 * The keys of access tokens. The secret verifies beside JWT_KEYS, so that nobody is logged out when those are
 * introduced or given up.
 */
@Injectable()
export class AccessTokenKeys {
  readonly signing: VerifyingKey;
  /** Public keys (RFC 7517, section 5). */
  readonly published: { keys: JsonWebKey[] };
  private readonly byId: ReadonlyMap<string, VerifyingKey>;
  private readonly secret: VerifyingKey;

  constructor(@Inject(CONFIG) { JWT_KEYS, JWT_SECRET }: Pick<Config, 'JWT_KEYS' | 'JWT_SECRET'>) {
    this.secret = {
      kid: `secret-${createHmac('sha256', JWT_SECRET).update('kid').digest('hex').slice(0, 8)}`,
      algorithm: 'HS256',
      key: createSecretKey(JWT_SECRET, 'utf8'),
    };
    const [first] = JWT_KEYS;
    this.signing = first?.privateKey ? { ...first, key: first.privateKey } : this.secret;
    const verifying = JWT_KEYS.map((key) => ({ ...key, key: key.publicKey }));
    this.byId = new Map([...verifying, this.secret].map((key) => [key.kid, key]));
    this.published = {
      keys: verifying.map(({ key, kid, algorithm }) => ({
        ...key.export({ format: 'jwk' }),
        kid,
        alg: algorithm,
        use: 'sig',
      })),
    };
  }

  /**
   * The key that a token names, if the token's algorithm is that key's: a public key must never serve as the
   * secret of an HMAC.
   */
  verifying(token: string): KeyObject | undefined {
    const header = headerOf(token);
    // Tokens that were issued before keys had ids name none.
    const key = header.kid === undefined ? this.secret : this.byId.get(header.kid);
    return key?.algorithm === header.alg ? key?.key : undefined;
  }
}

function headerOf(token: string): { alg?: string; kid?: string } {
  try {
    return decodeProtectedHeader(token);
  } catch {
    return {};
  }
}
