import type { QueryRunner } from 'typeorm';

/**
 * Builds an index without blocking writers. Replaces the invalid index of an interrupted build.
 * For migrations that run outside a transaction.
 *
 * @param definition such as `UNIQUE ON users (email)`
 */
export async function buildIndex(
  runner: QueryRunner,
  name: string,
  definition: string,
): Promise<void> {
  const unique = definition.startsWith('UNIQUE ');
  const [existing] = await runner.query(
    `SELECT indisvalid AS valid FROM pg_index WHERE indexrelid = to_regclass($1)`,
    [name],
  );
  if (existing?.valid) return;
  if (existing) await dropIndex(runner, name);
  await runner.query(
    `CREATE ${unique ? 'UNIQUE ' : ''}INDEX CONCURRENTLY ${name} ${definition.replace('UNIQUE ', '')}`,
  );
}

export async function dropIndex(runner: QueryRunner, name: string): Promise<void> {
  await runner.query(`DROP INDEX CONCURRENTLY IF EXISTS ${name}`);
}
