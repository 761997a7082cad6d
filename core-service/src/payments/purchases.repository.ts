import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import type { DatedFact, Purchase } from './purchase.js';

type Row = Omit<Purchase, 'tokens' | 'amount' | 'amountPaid' | 'credited'> &
  Record<'tokens' | 'amount' | 'credited', string> & { amountPaid: string | null };

const COLUMNS = `id, user_id AS "userId", pack_id AS "packId", tokens, amount, currency, status,
  amount_paid AS "amountPaid", credited, created_at AS "createdAt", paid_at AS "paidAt"`;

@Injectable()
export class PurchasesRepository {
  constructor(private readonly dataSource: DataSource) {}

  async insert(
    manager: EntityManager,
    purchase: Pick<Purchase, 'id' | 'userId' | 'packId' | 'tokens' | 'amount' | 'currency'>,
  ): Promise<void> {
    const { id, userId, packId, tokens, amount, currency } = purchase;
    await manager.query(
      `INSERT INTO purchases (id, user_id, pack_id, tokens, amount, currency)
       VALUES ($1, $2, $3, $4, $5, $6)`,
      [id, userId, packId, tokens, amount, currency],
    );
  }

  async setSession(id: string, sessionId: string): Promise<void> {
    await this.dataSource.query(`UPDATE purchases SET session_id = $2 WHERE id = $1`, [
      id,
      sessionId,
    ]);
  }

  /** Of up to `limit` purchases that nobody paid. Returns their number; a late payment still counts. */
  async expireBefore(manager: EntityManager, time: Date, limit: number): Promise<number> {
    const [, count] = await manager.query<[unknown, number]>(
      `UPDATE purchases SET status = 'expired' WHERE id = ANY (ARRAY(
         SELECT id FROM purchases WHERE status = 'open' AND created_at <= $1
          ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [time, limit],
    );
    return count;
  }

  /** Locks it: facts of one purchase are applied one after the other. */
  async lock(manager: EntityManager, id: string): Promise<Purchase | undefined> {
    const [row] = await manager.query<Row[]>(
      `SELECT ${COLUMNS} FROM purchases WHERE id = $1 FOR UPDATE`,
      [id],
    );
    return row && purchaseOf(row);
  }

  async lockByPayment(manager: EntityManager, paymentId: string): Promise<Purchase | undefined> {
    const [row] = await manager.query<Row[]>(
      `SELECT ${COLUMNS} FROM purchases WHERE payment_id = $1 FOR UPDATE`,
      [paymentId],
    );
    return row && purchaseOf(row);
  }

  async update(
    manager: EntityManager,
    id: string,
    change: Pick<Purchase, 'status' | 'amountPaid' | 'credited'> & {
      sessionId?: string;
      paymentId?: string;
    },
  ): Promise<void> {
    const { status, amountPaid, credited, sessionId = null, paymentId = null } = change;
    await manager.query(
      `UPDATE purchases SET status = $2, amount_paid = $3, credited = $4,
              session_id = coalesce(session_id, $5), payment_id = coalesce(payment_id, $6),
              paid_at = CASE WHEN $2 = 'paid' THEN coalesce(paid_at, now()) END
        WHERE id = $1`,
      [id, status, amountPaid, credited, sessionId, paymentId],
    );
  }

  /** False if the event was recorded before. */
  async recordEvent(manager: EntityManager, id: string, fact: DatedFact): Promise<boolean> {
    const rows = await manager.query<unknown[]>(
      `INSERT INTO payment_events (id, fact) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING id`,
      [id, JSON.stringify(fact)],
    );
    return rows.length === 1;
  }

  /** Of what was told out of order, the latest stays. Locks the payment. */
  async recordReturn(
    manager: EntityManager,
    { kind, paymentId, amount, asOf }: Extract<DatedFact, { paymentId: string; amount: number }>,
  ): Promise<void> {
    const column = kind === 'refund' ? 'refunded' : 'disputed';
    await manager.query(
      `INSERT INTO payment_facts AS known (payment_id, ${column}, ${column}_as_of) VALUES ($1, $2, $3)
       ON CONFLICT (payment_id) DO UPDATE SET
         ${column} = CASE WHEN known.${column}_as_of = $3 THEN greatest(known.${column}, $2) ELSE $2 END,
         ${column}_as_of = $3
       WHERE coalesce(known.${column}_as_of <= $3, true)`,
      [paymentId, amount, asOf],
    );
  }

  /** Taken before the purchase's lock, so that a refund and the payment that it is of cannot miss each other. */
  async lockPayment(manager: EntityManager, paymentId: string): Promise<void> {
    await manager.query(
      `INSERT INTO payment_facts (payment_id) VALUES ($1)
       ON CONFLICT (payment_id) DO UPDATE SET payment_id = excluded.payment_id`,
      [paymentId],
    );
  }

  /** Money of the payment that went back, in the currency's smallest unit. */
  async returned(manager: EntityManager, paymentId: string): Promise<number> {
    const [row] = await manager.query<{ returned: string }[]>(
      `SELECT refunded + disputed AS returned FROM payment_facts WHERE payment_id = $1`,
      [paymentId],
    );
    return Number(row?.returned ?? 0);
  }

  async paymentOf(manager: EntityManager, id: string): Promise<string | null> {
    const [row] = await manager.query<{ paymentId: string | null }[]>(
      `SELECT payment_id AS "paymentId" FROM purchases WHERE id = $1`,
      [id],
    );
    return row?.paymentId ?? null;
  }

  async list(userId: string, limit: number, before?: string): Promise<Purchase[]> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT ${COLUMNS} FROM purchases
        WHERE user_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3`,
      [userId, before ?? null, limit],
    );
    return rows.map(purchaseOf);
  }

  async deleteEventsBefore(manager: EntityManager, time: Date, limit: number): Promise<number> {
    const [, count] = await manager.query<[unknown, number]>(
      `DELETE FROM payment_events WHERE ctid = ANY (ARRAY(
         SELECT ctid FROM payment_events WHERE received_at <= $1
          ORDER BY received_at LIMIT $2 FOR UPDATE SKIP LOCKED))`,
      [time, limit],
    );
    return count;
  }
}

function purchaseOf(row: Row): Purchase {
  return {
    ...row,
    tokens: Number(row.tokens),
    amount: Number(row.amount),
    amountPaid: row.amountPaid === null ? null : Number(row.amountPaid),
    credited: Number(row.credited),
  };
}
