import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The outcome of each audit. A row is a claim first, so that one of all workers runs it. */
export class LedgerAudits1764470200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE ledger_audits (
        number integer PRIMARY KEY,
        started_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz,
        broken jsonb
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE ledger_audits`);
  }
}
