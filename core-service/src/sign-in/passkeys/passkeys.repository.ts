import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { DomainError } from '../../common/domain-error.js';
import { violates } from '../../database/transaction.js';

export interface Passkey {
  id: string;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

export interface StoredCredential {
  id: string;
  userId: string;
  credentialId: string;
  publicKey: Buffer;
  signCount: number;
  transports: string[];
}

const COLUMNS = `id, name, created_at AS "createdAt", last_used_at AS "lastUsedAt"`;

@Injectable()
export class PasskeysRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws DomainError PASSKEY_EXISTS */
  async insert(
    manager: EntityManager,
    passkey: StoredCredential & { name: string },
  ): Promise<Passkey> {
    const { id, userId, credentialId, publicKey, signCount, transports, name } = passkey;
    try {
      const [row] = await manager.query<Passkey[]>(
        `INSERT INTO passkeys (id, user_id, credential_id, public_key, sign_count, transports, name)
         VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${COLUMNS}`,
        [id, userId, credentialId, publicKey, signCount, transports, name],
      );
      return row as Passkey;
    } catch (error) {
      if (violates(error, 'passkeys_credential_id_key'))
        throw new DomainError('PASSKEY_EXISTS', 'This passkey is registered already.');
      throw error;
    }
  }

  list(
    userId: string,
  ): Promise<(Passkey & Pick<StoredCredential, 'credentialId' | 'transports'>)[]> {
    return this.dataSource.query(
      `SELECT ${COLUMNS}, credential_id AS "credentialId", transports FROM passkeys
        WHERE user_id = $1 ORDER BY id DESC`,
      [userId],
    );
  }

  async findByCredential(credentialId: string): Promise<StoredCredential | undefined> {
    const [row] = await this.dataSource.query<StoredCredential[]>(
      `SELECT id, user_id AS "userId", credential_id AS "credentialId", public_key AS "publicKey",
              sign_count::float AS "signCount", transports
         FROM passkeys WHERE credential_id = $1`,
      [credentialId],
    );
    return row;
  }

  /** Whether it is still there and no later signature of it was seen meanwhile. */
  async countUse(id: string, signCount: number): Promise<boolean> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `UPDATE passkeys SET sign_count = $2, last_used_at = now()
        WHERE id = $1 AND (sign_count < $2 OR (sign_count = 0 AND $2 = 0))`,
      [id, signCount],
    );
    return count > 0;
  }

  async remove(manager: EntityManager, userId: string, id: string): Promise<boolean> {
    const [, count] = await manager.query<[unknown, number]>(
      `DELETE FROM passkeys WHERE id = $1 AND user_id = $2`,
      [id, userId],
    );
    return count > 0;
  }
}
