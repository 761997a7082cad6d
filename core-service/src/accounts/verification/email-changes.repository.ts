import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';

export interface EmailChange {
  newEmail: string;
  oldConfirmed: boolean;
  newConfirmed: boolean;
}

@Injectable()
export class EmailChangesRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** In place of an older one. */
  async put(
    manager: EntityManager,
    change: { userId: string; newEmail: string; expiresAt: Date },
  ): Promise<void> {
    await manager.query(
      `INSERT INTO email_changes (user_id, new_email, expires_at) VALUES ($1, $2, $3)
       ON CONFLICT (user_id) DO UPDATE
          SET new_email = excluded.new_email, expires_at = excluded.expires_at,
              old_confirmed = false, new_confirmed = false`,
      [change.userId, change.newEmail, change.expiresAt],
    );
  }

  /** Locks the change. Undefined if there is none, or it has expired. */
  async confirm(
    manager: EntityManager,
    userId: string,
    by: 'old' | 'new',
  ): Promise<EmailChange | undefined> {
    const [[row]] = await manager.query<[EmailChange[], number]>(
      `UPDATE email_changes
          SET old_confirmed = old_confirmed OR $2 = 'old', new_confirmed = new_confirmed OR $2 = 'new'
        WHERE user_id = $1 AND expires_at > now()
       RETURNING new_email AS "newEmail", old_confirmed AS "oldConfirmed",
                 new_confirmed AS "newConfirmed"`,
      [userId, by],
    );
    return row;
  }

  async delete(manager: EntityManager, userId: string): Promise<void> {
    await manager.query(`DELETE FROM email_changes WHERE user_id = $1`, [userId]);
  }

  /** Deletes up to `limit` expired ones and returns the count. */
  async deleteExpired(limit: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `DELETE FROM email_changes WHERE user_id = ANY (ARRAY(
         SELECT user_id FROM email_changes WHERE expires_at <= now()
          ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))`,
      [limit],
    );
    return count;
  }
}
