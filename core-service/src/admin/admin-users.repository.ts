import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { User, UserRole } from '../users/user.js';

/** A user as operators see one. */
export interface AdminUser extends User {
  suspendedAt: Date | null;
}

const COLUMNS = `id, email, role, email_verified AS "emailVerified", created_at AS "createdAt",
  suspended_at AS "suspendedAt"`;

@Injectable()
export class AdminUsersRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Newest first. @param email the whole address, normalised */
  list(filter: { email?: string; before?: string; limit: number }): Promise<AdminUser[]> {
    return this.dataSource.query<AdminUser[]>(
      `SELECT ${COLUMNS} FROM users
        WHERE ${filter.email ? 'email = $1' : '$1::text IS NULL'} AND ($2::uuid IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3`,
      [filter.email ?? null, filter.before ?? null, filter.limit],
    );
  }

  async find(id: string): Promise<AdminUser | undefined> {
    const [row] = await this.dataSource.query<AdminUser[]>(
      `SELECT ${COLUMNS} FROM users WHERE id = $1`,
      [id],
    );
    return row;
  }

  /** Locks it against other changes, not against rows that refer to it. */
  async lock(manager: EntityManager, id: string): Promise<AdminUser | undefined> {
    const [row] = await manager.query<AdminUser[]>(
      `SELECT ${COLUMNS} FROM users WHERE id = $1 FOR NO KEY UPDATE`,
      [id],
    );
    return row;
  }

  async setRole(manager: EntityManager, id: string, role: UserRole): Promise<void> {
    await manager.query(`UPDATE users SET role = $2 WHERE id = $1`, [id, role]);
  }

  async setSuspended(manager: EntityManager, id: string, at: Date | null): Promise<void> {
    await manager.query(`UPDATE users SET suspended_at = $2 WHERE id = $1`, [id, at]);
  }
}
