import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex, dropIndex } from '../online-changes.js';

/** Lists a user's sessions, and ends the oldest ones, without reading those that have ended. */
export class LiveSessions1764410100000 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'sessions_live_idx',
      'ON sessions (user_id, id DESC) WHERE revoked_at IS NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndex(runner, 'sessions_live_idx');
  }
}
