import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { violates } from '../database/transaction.js';
import { DomainError } from '../common/domain-error.js';
import type { User } from './user.js';

export interface Credentials extends User {
  /** Null: there is no password. */
  passwordHash: string | null;
}

const COLUMNS = `id, email, role, email_verified AS "emailVerified", created_at AS "createdAt"`;

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
      `SELECT ${COLUMNS}, password_hash AS "passwordHash" FROM users WHERE email = $1`,
      [email],
    );
    return row;
  }

  async findById(id: string): Promise<User | undefined> {
    const [row] = await this.dataSource.query<User[]>(
      `SELECT ${COLUMNS} FROM users WHERE id = $1`,
      [id],
    );
    return row;
  }
}
