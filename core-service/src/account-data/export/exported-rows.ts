import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { changeOfAvailable, type TransferKind } from '../../tokens/ledger.js';

interface Rows {
  /** `$1` is the user, `$2` the id after which the page begins, `$3` its length. */
  page: string;
  /** Last changes to a row; by default none. */
  map?: (row: Row) => object;
}
export type Row = { id: string } & Record<string, unknown>;

/** Before every UUID. */
const START = '00000000-0000-0000-0000-000000000000';
const PAGE = 500;

/**
 * What an export holds of the database: a file for each. A new table with data of users belongs
 * here and in `erasure.ts`. Secrets, and hashes of them, stay out.
 */
export const EXPORTED: Record<string, Rows> = {
  'account.json': {
    page: `SELECT id, email, role, email_verified AS "emailVerified", created_at AS "createdAt"
             FROM users WHERE id = $1 AND id > $2 LIMIT $3`,
  },
  'sessions.json': {
    page: `SELECT id, created_at AS "createdAt", revoked_at AS "endedAt", last_seen_at AS "lastSeenAt",
                  user_agent AS "userAgent", address
             FROM sessions WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
  },
  'passkeys.json': {
    page: `SELECT id, name, created_at AS "createdAt", last_used_at AS "lastUsedAt"
             FROM passkeys WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
  },
  'identities.json': {
    // A handful for each user, and without an id of their own.
    page: `SELECT $1::uuid AS id, provider, subject, email, created_at AS "createdAt"
             FROM identities WHERE user_id = $1 AND $1::uuid > $2::uuid ORDER BY provider LIMIT $3`,
  },
  'api-keys.json': {
    page: `SELECT id, name, prefix, scopes, allowed_addresses AS "allowedAddresses",
                  created_at AS "createdAt", expires_at AS "expiresAt",
                  last_used_at AS "lastUsedAt", revoked_at AS "revokedAt"
             FROM api_keys WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
  },
  'webhook-endpoints.json': {
    page: `SELECT id, url, event_types AS "eventTypes", description, created_at AS "createdAt",
                  disabled_at AS "disabledAt"
             FROM webhook_endpoints WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
  },
  'purchases.json': {
    page: `SELECT id, pack_id AS "packId", tokens::float8, credited::float8, amount::float8,
                  amount_paid::float8 AS "amountPaid", currency, status, created_at AS "createdAt",
                  paid_at AS "paidAt"
             FROM purchases WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
  },
  'tokens.json': {
    page: `SELECT t.id, t.kind, t.amount::float8, t.available_after::float8 AS "balanceAfter",
                  h.transformation_id AS "transformationId", h.style_id AS "styleId",
                  t.description, t.created_at AS "createdAt"
             FROM transfers t
             -- OFFSET keeps it a look-up for each line: a hash of all holds would read the whole table.
             LEFT JOIN LATERAL (SELECT * FROM holds WHERE id = t.hold_id OFFSET 0) h ON true
            WHERE t.user_id = $1 AND t.id > $2 ORDER BY t.id LIMIT $3`,
    map: (row) => ({
      ...row,
      amount: changeOfAvailable(row.kind as TransferKind, row.amount as number),
    }),
  },
  'transformations.json': {
    page: `SELECT id, status, styles, options, price, width, height, queued_at AS "queuedAt",
                  started_at AS "startedAt", completed_at AS "completedAt",
                  images_deleted_at AS "imagesDeletedAt", webhook_url AS "webhookUrl", inference_ms AS "inferenceMs",
                  error_code AS "errorCode", error_detail AS "errorDetail"
             FROM transformations WHERE user_id = $1 AND deleted_at IS NULL AND id > $2
            ORDER BY id LIMIT $3`,
  },
  'styles.json': {
    page: `SELECT id, status, name, price, created_at AS "createdAt"
             FROM styles WHERE user_id = $1 AND status <> 'failed' AND deleted_at IS NULL AND id > $2
            ORDER BY id LIMIT $3`,
  },
  'exports.json': {
    page: `SELECT id, status, created_at AS "createdAt" FROM account_exports
            WHERE user_id = $1 AND id > $2 ORDER BY id LIMIT $3`,
  },
};

/** Images that a user's rows tell of, with where they are in the storage. */
const IMAGES = {
  transformations: `SELECT id, original_key AS original, result_key AS result,
                           images_deleted_at IS NOT NULL AS deleted
                      FROM transformations WHERE user_id = $1 AND deleted_at IS NULL AND id > $2
                     ORDER BY id LIMIT $3`,
  styles: `SELECT id FROM styles
            WHERE user_id = $1 AND status = 'ready' AND deleted_at IS NULL AND id > $2
            ORDER BY id LIMIT $3`,
};

@Injectable()
export class ExportedRows {
  constructor(private readonly dataSource: DataSource) {}

  async *of(userId: string, { page, map = (row) => row }: Rows): AsyncGenerator<object> {
    for await (const row of this.rows<Row>(page, userId)) yield map(row);
  }

  transformationImages(userId: string) {
    return this.rows<{ id: string; original: string; result: string | null; deleted: boolean }>(
      IMAGES.transformations,
      userId,
    );
  }

  styles(userId: string) {
    return this.rows<{ id: string }>(IMAGES.styles, userId);
  }

  /** Oldest first, read by pages: what is added meanwhile comes too, nothing comes twice. */
  private async *rows<T extends { id: string }>(page: string, userId: string): AsyncGenerator<T> {
    for (let after = START; ;) {
      const rows = await this.dataSource.query<T[]>(page, [userId, after, PAGE]);
      yield* rows;
      if (rows.length < PAGE) return;
      after = (rows.at(-1) as T).id;
    }
  }
}
