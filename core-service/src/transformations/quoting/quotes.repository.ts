import { Injectable } from '@nestjs/common';
import type { Size } from '@stylizer/common';
import { DataSource } from 'typeorm';

export interface Quote extends Size {
  id: string;
  userId: string;
  /** Tokens. */
  price: number;
  expiresAt: Date;
}

@Injectable()
export class QuotesRepository {
  constructor(private readonly dataSource: DataSource) {}

  async insert({ id, userId, price, width, height, expiresAt }: Quote): Promise<void> {
    await this.dataSource.query(
      `INSERT INTO quotes (id, user_id, price, width, height, expires_at)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, userId, price, width, height, expiresAt],
    );
  }

  /** Undefined once it has expired. */
  async find(userId: string, id: string): Promise<Pick<Quote, 'price' | keyof Size> | undefined> {
    const [row] = await this.dataSource.query<(Size & { price: string })[]>(
      `SELECT price, width, height FROM quotes WHERE id = $1 AND user_id = $2 AND expires_at > now()`,
      [id, userId],
    );
    return row && { ...row, price: Number(row.price) };
  }

  /** Deletes up to `limit` expired quotes and returns the count. */
  async deleteExpired(limit: number): Promise<number> {
    const [, count] = await this.dataSource.query<[unknown, number]>(
      `DELETE FROM quotes WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM quotes WHERE expires_at <= now()
          ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED))`,
      [limit],
    );
    return count;
  }
}
