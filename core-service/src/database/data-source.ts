import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Config } from '../config/config.js';
import { AccountsAndLedger1763600000000 } from './migrations/1763600000000-accounts-and-ledger.js';
import { Transformations1763600100000 } from './migrations/1763600100000-transformations.js';
import { CustomStyles1763600200000 } from './migrations/1763600200000-custom-styles.js';
import { Progress1763800000000 } from './migrations/1763800000000-progress.js';
import { ModelsOfCodes1763900000000 } from './migrations/1763900000000-models-of-codes.js';
import { IndexesForGrowth1764300000000 } from './migrations/1764300000000-indexes-for-growth.js';
import { LedgerWithoutHotRows1764300100000 } from './migrations/1764300100000-ledger-without-hot-rows.js';
import { RetiredIndexes1764300200000 } from './migrations/1764300200000-retired-indexes.js';
import { Payments1764470000000 } from './migrations/1764470000000-payments.js';
import { Quotes1764470100000 } from './migrations/1764470100000-quotes.js';
import { LedgerAudits1764470200000 } from './migrations/1764470200000-ledger-audits.js';
import { WebhookUrls1764470300000 } from './migrations/1764470300000-webhook-urls.js';
import { DomainEvents1764400000000 } from './migrations/1764400000000-domain-events.js';
import { ApiKeysAndAudit1764430000000 } from './migrations/1764430000000-api-keys-and-audit.js';
import { TrustedAccounts1764410000000 } from './migrations/1764410000000-trusted-accounts.js';
import { LiveSessions1764410100000 } from './migrations/1764410100000-live-sessions.js';
import { WaysToSignIn1764420000000 } from './migrations/1764420000000-ways-to-sign-in.js';
import { Webhooks1764440000000 } from './migrations/1764440000000-webhooks.js';
import { AccountData1764460000000 } from './migrations/1764460000000-account-data.js';

/** PostgreSQL cancels a statement that runs longer. */
const STATEMENT_TIMEOUT_MS = 15_000;

export function dataSourceOptions(
  config: Pick<Config, 'DATABASE_URL' | 'DATABASE_POOL_SIZE'>,
  { statementTimeoutMs = STATEMENT_TIMEOUT_MS } = {},
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
      IndexesForGrowth1764300000000,
      LedgerWithoutHotRows1764300100000,
      RetiredIndexes1764300200000,
      DomainEvents1764400000000,
      TrustedAccounts1764410000000,
      LiveSessions1764410100000,
      WaysToSignIn1764420000000,
      ApiKeysAndAudit1764430000000,
      Webhooks1764440000000,
      AccountData1764460000000,
      Payments1764470000000,
      Quotes1764470100000,
      LedgerAudits1764470200000,
      WebhookUrls1764470300000,
    ],
    migrationsTransactionMode: 'each',
    poolSize: config.DATABASE_POOL_SIZE,
    connectTimeoutMS: 5_000,
    applicationName: 'stylizer-core',
    extra: {
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    },
  };
}

export const createDataSource = (
  config: Pick<Config, 'DATABASE_URL' | 'DATABASE_POOL_SIZE'>,
  options?: { statementTimeoutMs: number },
) => new DataSource(dataSourceOptions(config, options));
