import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex, dropIndex } from '../online-changes.js';

/** Used by the previous schema and its constraints. */
const RETIRED = {
  holds_expires_at_idx: 'ON holds (expires_at)',
  transformations_open_idx: `ON transformations (user_id, status)
     WHERE status IN ('pending', 'processing')`,
};
const FOR_OLD_CONSTRAINTS = {
  accounts_kind_user_key: 'UNIQUE ON accounts (kind, user_id) NULLS NOT DISTINCT',
  holds_terms_key: 'UNIQUE ON holds (id, user_id, amount)',
  holds_style_key: 'UNIQUE ON holds (style_id)',
  transformations_terms_key: 'UNIQUE ON transformations (id, user_id, price)',
};

/** Steps that read whole tables, without blocking writers: drops old indexes, validates a constraint. */
export class RetiredIndexes1764300200000 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `ALTER TABLE accounts VALIDATE CONSTRAINT accounts_system_balance_elsewhere`,
    );
    for (const name of Object.keys(RETIRED)) await dropIndex(runner, name);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [name, definition] of Object.entries({ ...RETIRED, ...FOR_OLD_CONSTRAINTS }))
      await buildIndex(runner, name, definition);
  }
}
