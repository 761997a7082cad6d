import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The outbox, with one index by time. No foreign key, since it would lock the user for every event. */
export class DomainEvents1764400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE domain_events (
        id uuid NOT NULL,
        type text NOT NULL,
        user_id uuid NOT NULL,
        subject_id uuid NOT NULL,
        data jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        PRIMARY KEY (created_at, id)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE domain_events`);
  }
}
