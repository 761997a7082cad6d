import type { MigrationInterface, QueryRunner } from 'typeorm';
import { buildIndex, dropIndex } from '../online-changes.js';

/** Clears the URLs of an account that is deleted, without reading all of its transformations. */
export class WebhookUrls1764470300000 implements MigrationInterface {
  readonly transaction = false;

  async up(runner: QueryRunner): Promise<void> {
    await buildIndex(
      runner,
      'transformations_webhook_url_idx',
      'ON transformations (user_id) WHERE webhook_url IS NOT NULL',
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await dropIndex(runner, 'transformations_webhook_url_idx');
  }
}
