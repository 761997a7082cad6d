import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Config } from '../config/config.js';
import { AccountsAndLedger1763600000000 } from './migrations/1763600000000-accounts-and-ledger.js';
import { Transformations1763600100000 } from './migrations/1763600100000-transformations.js';
import { CustomStyles1763600200000 } from './migrations/1763600200000-custom-styles.js';
import { Progress1763800000000 } from './migrations/1763800000000-progress.js';
import { ModelsOfCodes1763900000000 } from './migrations/1763900000000-models-of-codes.js';

/** How long a statement may run before PostgreSQL ends it. */
const STATEMENT_TIMEOUT_MS = 15_000;

export function dataSourceOptions(
  config: Pick<Config, 'DATABASE_URL' | 'DATABASE_POOL_SIZE'>,
): DataSourceOptions {
  return {
    type: 'postgres',
    url: config.DATABASE_URL,
    synchronize: false,
    migrations: [
      AccountsAndLedger1763600000000,
      Transformations1763600100000,
      CustomStyles1763600200000,
      Progress1763800000000,
      ModelsOfCodes1763900000000,
    ],
    migrationsTransactionMode: 'each',
    poolSize: config.DATABASE_POOL_SIZE,
    connectTimeoutMS: 5_000,
    applicationName: 'stylizer-core',
    extra: {
      statement_timeout: STATEMENT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    },
  };
}

export const createDataSource = (config: Pick<Config, 'DATABASE_URL' | 'DATABASE_POOL_SIZE'>) =>
  new DataSource(dataSourceOptions(config));
