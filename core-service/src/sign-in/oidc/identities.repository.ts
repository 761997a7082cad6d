import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { DomainError } from '../../common/domain-error.js';
import { violates } from '../../database/transaction.js';

export interface Identity {
  provider: string;
  email: string | null;
  createdAt: Date;
}

/** Who an account is at OpenID providers: one identity belongs to one account. */
@Injectable()
export class IdentitiesRepository {
  constructor(private readonly dataSource: DataSource) {}

  async findUser(provider: string, subject: string): Promise<string | undefined> {
    const [row] = await this.dataSource.query<{ userId: string }[]>(
      `SELECT user_id AS "userId" FROM identities WHERE provider = $1 AND subject = $2`,
      [provider, subject],
    );
    return row?.userId;
  }

  /** @throws DomainError IDENTITY_TAKEN */
  async insert(
    manager: EntityManager,
    identity: { provider: string; subject: string; userId: string; email?: string },
  ): Promise<Identity> {
    const { provider, subject, userId, email } = identity;
    try {
      const [row] = await manager.query<Identity[]>(
        `INSERT INTO identities (provider, subject, user_id, email) VALUES ($1, $2, $3, $4)
         RETURNING provider, email, created_at AS "createdAt"`,
        [provider, subject, userId, email ?? null],
      );
      return row as Identity;
    } catch (error) {
      if (violates(error, 'identities_pkey'))
        throw new DomainError('IDENTITY_TAKEN', 'It is linked to an account already: sign in.');
      if (violates(error, 'identities_user_provider_key'))
        throw new DomainError(
          'IDENTITY_TAKEN',
          'Somebody else of this provider is linked to the account. Remove that link first.',
        );
      throw error;
    }
  }

  list(userId: string): Promise<Identity[]> {
    return this.dataSource.query<Identity[]>(
      `SELECT provider, email, created_at AS "createdAt" FROM identities
        WHERE user_id = $1 ORDER BY created_at`,
      [userId],
    );
  }

  /** Whether there was one. */
  async remove(manager: EntityManager, userId: string, provider: string): Promise<boolean> {
    const [, count] = await manager.query<[unknown, number]>(
      `DELETE FROM identities WHERE user_id = $1 AND provider = $2`,
      [userId, provider],
    );
    return count > 0;
  }
}
