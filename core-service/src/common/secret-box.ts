import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Of the key that comes from JWT_SECRET. */
const DERIVED = 'derived';

/**
 * Secrets that must be read back, such as those of webhooks and authenticator apps: AES-256-GCM (NIST
 * SP 800-38D), sealed as `<key id>.<base64url of nonce, ciphertext and tag>`. The first of ENCRYPTION_KEYS
 * seals; every one opens, so keys can be rotated. Without any, a key derived from JWT_SECRET (HKDF) seals.
 */
@Injectable()
export class SecretBox {
  private readonly keys: Map<string, Buffer>;
  private readonly current: string;

  constructor(@Inject(CONFIG) config: Pick<Config, 'ENCRYPTION_KEYS' | 'JWT_SECRET'>) {
    const derived = hkdfSync('sha256', config.JWT_SECRET, '', 'stylizer secret box', 32);
    this.keys = new Map([...config.ENCRYPTION_KEYS, [DERIVED, Buffer.from(derived)]]);
    this.current = this.keys.keys().next().value as string;
  }

  /** @param owner what the secret belongs to, such as a row's id: it opens for no other */
  seal(secret: string | Buffer, owner: string): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keyOf(this.current), nonce);
    cipher.setAAD(Buffer.from(owner));
    const sealed = [nonce, cipher.update(secret), cipher.final(), cipher.getAuthTag()];
    return `${this.current}.${Buffer.concat(sealed).toString('base64url')}`;
  }

  /** @throws Error if it was sealed with a key that is gone, for another owner, or was changed */
  open(sealed: string, owner: string): Buffer {
    const [id = '', text = ''] = sealed.split('.');
    const bytes = Buffer.from(text, 'base64url');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', this.keyOf(id), nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(owner));
    decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
    return Buffer.concat([
      decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)),
      decipher.final(),
    ]);
  }

  private keyOf(id: string): Buffer {
    const key = this.keys.get(id);
    if (!key) throw new Error(`ENCRYPTION_KEYS has no key "${id}", which a stored secret needs`);
    return key;
  }
}
