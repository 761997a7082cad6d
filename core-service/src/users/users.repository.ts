import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { violates } from '../database/transaction.js';
import { DomainError } from '../common/domain-error.js';
import type { User } from './user.js';

export interface Credentials extends User {
  /** Null: there is no password. */
  passwordHash: string | null;
  /** Counts changes of the password. */
  passwordVersion: number;
}

const COLUMNS = `id, email, role, email_verified AS "emailVerified", created_at AS "createdAt"`;
const CREDENTIALS = `${COLUMNS}, password_hash AS "passwordHash", password_version AS "passwordVersion"`;

@Injectable()
export class UsersRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** @throws DomainError EMAIL_TAKEN */
  async insert(
    manager: EntityManager,
    user: { id: string; email: string; passwordHash: string | null; emailVerified?: boolean },
  ): Promise<User> {
    try {
      const [row] = await manager.query<User[]>(
        `INSERT INTO users (id, email, password_hash, email_verified) VALUES ($1, $2, $3, $4)
         RETURNING ${COLUMNS}`,
        [user.id, user.email, user.passwordHash, user.emailVerified ?? false],
      );
      return row as User;
    } catch (error) {
      if (violates(error, 'users_email_key'))
        throw new DomainError('EMAIL_TAKEN', 'An account with this e-mail exists: log in.');
      throw error;
    }
  }

  async findCredentials(email: string): Promise<Credentials | undefined> {
    const [row] = await this.dataSource.query<Credentials[]>(
      `SELECT ${CREDENTIALS} FROM users WHERE email = $1`,
      [email],
    );
    return row;
  }

  async findCredentialsById(id: string): Promise<Credentials | undefined> {
    const [row] = await this.dataSource.query<Credentials[]>(
      `SELECT ${CREDENTIALS} FROM users WHERE id = $1`,
      [id],
    );
    return row;
  }

  /** Whether the password is still that of this version; it then stays so until the transaction ends. */
  async holdPassword(manager: EntityManager, id: string, version: number): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `SELECT FROM users WHERE id = $1 AND password_version = $2 FOR SHARE`,
      [id, version],
    );
    return rows.length > 0;
  }

  /** Undefined if the account is gone. */
  async setPassword(manager: EntityManager, id: string, hash: string): Promise<User | undefined> {
    const [[row]] = await manager.query<[User[], number]>(
      `UPDATE users SET password_hash = $2, password_version = password_version + 1
        WHERE id = $1 RETURNING ${COLUMNS}`,
      [id, hash],
    );
    return row;
  }

  /** Another hash of the same password; nothing if the password has changed since. */
  async replaceHash(id: string, hash: string, by: string): Promise<void> {
    await this.dataSource.query(
      `UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2`,
      [id, hash, by],
    );
  }

  /** True for the one call that finds the address unverified and still in use. */
  async verifyEmail(manager: EntityManager, id: string, email: string): Promise<boolean> {
    const [, count] = await manager.query<[unknown, number]>(
      `UPDATE users SET email_verified = true WHERE id = $1 AND email = $2 AND NOT email_verified`,
      [id, email],
    );
    return count === 1;
  }

  /** @throws DomainError EMAIL_TAKEN */
  async setEmail(manager: EntityManager, id: string, email: string): Promise<void> {
    try {
      await manager.query(`UPDATE users SET email = $2 WHERE id = $1`, [id, email]);
    } catch (error) {
      if (violates(error, 'users_email_key'))
        throw new DomainError('EMAIL_TAKEN', 'Another account has this e-mail by now.');
      throw error;
    }
  }

  async findById(id: string): Promise<User | undefined> {
    const [row] = await this.dataSource.query<User[]>(
      `SELECT ${COLUMNS} FROM users WHERE id = $1`,
      [id],
    );
    return row;
  }
}
