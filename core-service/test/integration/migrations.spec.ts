import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfig } from '@stylizer/common';
import type { DataSource } from 'typeorm';
import { type Config, configSchema } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { migrateDatabase } from '../../src/database/migrate-database.js';
import { undoLastMigration } from '../../src/database/undo-migration.js';
import { createTestDatabase, type TestDatabase } from '../support/database.js';
import { TEST_SECRET } from '../support/test-app.js';

const ALL = [
  'AccountsAndLedger1763600000000',
  'Transformations1763600100000',
  'CustomStyles1763600200000',
  'Progress1763800000000',
  'ModelsOfCodes1763900000000',
  'IndexesForGrowth1764300000000',
  'LedgerWithoutHotRows1764300100000',
  'RetiredIndexes1764300200000',
  'DomainEvents1764400000000',
  'TrustedAccounts1764410000000',
  'LiveSessions1764410100000',
  'WaysToSignIn1764420000000',
  'ApiKeysAndAudit1764430000000',
  'Webhooks1764440000000',
  'AccountData1764460000000',
  'Payments1764470000000',
  'Quotes1764470100000',
  'LedgerAudits1764470200000',
  'WebhookUrls1764470300000',
];

describe('migrations', () => {
  let database: TestDatabase;
  let config: Config;
  let dataSource: DataSource;

  beforeEach(async () => {
    database = await createTestDatabase('empty');
    config = loadConfig(configSchema, { DATABASE_URL: database.url, JWT_SECRET: TEST_SECRET });
    dataSource = await createDataSource(config).initialize();
  });
  afterEach(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  /** Reverts this migration and all later ones. */
  const undoUntil = async (name: string) => {
    for (let left = ALL.length - ALL.indexOf(name); left > 0; left--)
      await undoLastMigration(dataSource);
  };
  const namesOf = async (query: string) =>
    (await dataSource.query<{ name: string }[]>(query)).map(({ name }) => name);
  /** The whole schema, without the table of migrations itself. */
  const objects = () =>
    namesOf(`SELECT 'table ' || c.relname AS name FROM pg_class c
               WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT LIKE 'migrations%'
                 AND c.relname NOT LIKE 'PK_%'
              UNION SELECT 'function ' || p.proname FROM pg_proc p
               WHERE p.pronamespace = 'public'::regnamespace
              UNION SELECT 'type ' || t.typname FROM pg_type t
               WHERE t.typnamespace = 'public'::regnamespace AND t.typname NOT LIKE '%migrations'
              ORDER BY name`);

  it('go up from empty, down to empty, and up again to the same schema', async () => {
    expect(await objects()).toEqual([]);
    expect(await migrateDatabase(config)).toEqual(ALL);
    const made = await objects();
    expect(made).toEqual(expect.arrayContaining(['table transfers', 'function apply_transfer']));

    for (let left = ALL.length; left > 0; left--) await undoLastMigration(dataSource);
    expect(await objects()).toEqual([]);

    expect(await migrateDatabase(config)).toEqual(ALL);
    expect(await objects()).toEqual(made);
  });

  it('keep older styles, whose codes have no known model, and newer ones', async () => {
    const user = randomUUID();
    const style = (id: string, columns = '', values = '') =>
      dataSource.query(
        `INSERT INTO styles (id, user_id, status, name, price, code, pending_until${columns})
         VALUES ($1, $2, 'ready', 'Quilt', 0, '{0.5}', now()${values})`,
        [id, user],
      );
    const styles = () => dataSource.query(`SELECT * FROM styles ORDER BY name, id`);
    await migrateDatabase(config);
    await undoUntil('ModelsOfCodes1763900000000');
    await dataSource.query(
      `INSERT INTO users (id, email, password_hash) VALUES ($1, 'a@example.com', 'x')`,
      [user],
    );
    await style(randomUUID(), ', preview_deleted_at', ', now()');
    const before = await styles();

    await migrateDatabase(config);
    const { preview_deleted_at: files_deleted_at, ...rest } = before[0];
    expect(await styles()).toEqual([{ ...rest, files_deleted_at, model: null, api_key_id: null }]);
    await style(randomUUID(), ', model', `, 'model-1'`);
    await undoUntil('ModelsOfCodes1763900000000');
    expect(await styles()).toEqual(expect.arrayContaining(before));
    expect(await styles()).toHaveLength(2);
  });

  it('change nothing when run again', async () => {
    await migrateDatabase(config);
    expect(await migrateDatabase(config)).toEqual([]);
    expect(await namesOf(`SELECT name FROM migrations ORDER BY id`)).toEqual(ALL);
  });

  it('run once when three processes start them at the same time', async () => {
    const applied = await Promise.all([1, 2, 3].map(() => migrateDatabase(config)));
    expect(applied.flat()).toEqual(ALL);
    expect(await namesOf(`SELECT name FROM migrations ORDER BY id`)).toEqual(ALL);
    expect(await namesOf(`SELECT kind AS name FROM accounts ORDER BY kind`)).toEqual([
      'revenue',
      'treasury',
    ]);
    expect(
      await namesOf(`SELECT name FROM pgboss.queue WHERE name ~ '^transf' ORDER BY name`),
    ).toEqual(['transformations', 'transformations-dead', 'transformations-large']);
  });
});
