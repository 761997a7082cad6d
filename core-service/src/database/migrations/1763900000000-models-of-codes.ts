import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The model that made a style's code. Unknown for older styles, whose images were not stored.
 * The image is stored beside the preview and deleted with it.
 */
export class ModelsOfCodes1763900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE styles
        ADD COLUMN model text CHECK (model <> ''),
        ADD CONSTRAINT styles_model CHECK (model IS NULL OR status = 'ready');
      ALTER TABLE styles RENAME COLUMN preview_deleted_at TO files_deleted_at;
      ALTER INDEX styles_previews_to_delete_idx RENAME TO styles_files_to_delete_idx;
    `);
  }

  /** Images stored since the migration stay in the storage, under style-pictures/. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER INDEX styles_files_to_delete_idx RENAME TO styles_previews_to_delete_idx;
      ALTER TABLE styles RENAME COLUMN files_deleted_at TO preview_deleted_at;
      ALTER TABLE styles DROP COLUMN model;
    `);
  }
}
