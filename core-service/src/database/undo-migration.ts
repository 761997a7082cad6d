import type { DataSource } from 'typeorm';

/** Reverts the newest migration, outside a transaction if it was applied outside one. */
export async function undoLastMigration(dataSource: DataSource): Promise<void> {
  const [newest] = await dataSource.query<{ name: string }[]>(
    `SELECT name FROM migrations ORDER BY id DESC LIMIT 1`,
  );
  const migration = dataSource.migrations.find(
    ({ constructor }) => constructor.name === newest?.name,
  );
  const alone = migration && 'transaction' in migration && migration.transaction === false;
  await dataSource.undoLastMigration({ transaction: alone ? 'none' : 'each' });
}
