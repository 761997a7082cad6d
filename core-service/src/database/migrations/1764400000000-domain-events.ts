import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The outbox: what happened, in the order of its time. No foreign key: a lock on a user costs every event. */
export class DomainEvents1764400000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE domain_events (
        id uuid PRIMARY KEY,
        type text NOT NULL,
        user_id uuid NOT NULL,
        subject_id uuid NOT NULL,
        data jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      CREATE INDEX domain_events_recent_idx ON domain_events (created_at, subject_id);`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE domain_events`);
  }
}
