import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Adds the number of completed tiles of a large image. */
export class Progress1763800000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE transformations
        ADD COLUMN tiles_done integer,
        ADD COLUMN tiles_total integer,
        ADD CONSTRAINT transformations_progress CHECK
          ((tiles_done IS NULL) = (tiles_total IS NULL) AND tiles_done BETWEEN 0 AND tiles_total);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE transformations DROP COLUMN tiles_done, DROP COLUMN tiles_total;
    `);
  }
}
