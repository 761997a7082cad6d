import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Quotes1764470100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE quotes (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        price bigint NOT NULL CHECK (price > 0),
        width integer NOT NULL,
        height integer NOT NULL,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX quotes_expires_at_idx ON quotes (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE quotes`);
  }
}
