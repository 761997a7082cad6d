import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex, dropIndex } from '../online-changes.js';

const INDEXES = {
  // Replaces the unique (kind, user_id): every statement looks up accounts by user.
  accounts_user_kind_key: 'UNIQUE ON accounts (user_id, kind) NULLS NOT DISTINCT',
  // Most holds are not for a style; a plain unique index would have an entry for each of them.
  holds_one_per_style: 'UNIQUE ON holds (style_id) WHERE style_id IS NOT NULL',
  // Both are as small as the backlog. Neither contains `status`, so that claiming a job is a HOT update.
  transformations_open_of_user_idx: 'ON transformations (user_id) WHERE completed_at IS NULL',
  transformations_open_by_age_idx: 'ON transformations (id) WHERE completed_at IS NULL',
  // Lists failed transformations without reading the completed ones.
  transformations_without_result_idx: `ON transformations (user_id, id DESC)
    WHERE completed_at IS NOT NULL AND result_key IS NULL AND deleted_at IS NULL`,
  transformations_files_to_delete_idx:
    'ON transformations (id) WHERE deleted_at IS NOT NULL AND images_deleted_at IS NULL',
  idempotency_keys_claim_idx: 'ON idempotency_keys (claim)',
  refresh_tokens_expires_at_idx: 'ON refresh_tokens (expires_at)',
  rate_limits_expire_idx: 'ON rate_limits (expire)',
};

/** Indexes for statements that read whole tables. Built CONCURRENTLY, so nothing waits for them. */
export class IndexesForGrowth1764300000000 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    for (const [name, definition] of Object.entries(INDEXES))
      await buildIndex(runner, name, definition);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of Object.keys(INDEXES)) await dropIndex(runner, name);
  }
}
