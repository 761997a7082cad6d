import { randomUUID } from 'node:crypto';
import { existsSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@stylizer/common';
import { startPostgres } from '../../../scripts/postgres.js';
import { configSchema } from '../../src/config/config.js';
import { migrateDatabase } from '../../src/database/migrate-database.js';
import { FakeInference } from '../support/fake-inference.js';
import { startTestApp, TEST_SECRET } from '../support/test-app.js';
import { ALLOWED } from './allowed.js';
import { drive, OF_THE_TEST } from './drive.js';
import { fill } from './fill.js';
import { explainEverything, faultsOf, type Plan, readPlans } from './plans.js';

export interface Measured {
  url: string;
  plans: Plan[];
  /** Methods of repositories that were not called. */
  uncalled: string[];
  /** Each problem once, with its statement. */
  faults: string[];
  /** Statements that took longer in every run. */
  slow(ms: number): string[];
  close(): Promise<void>;
}

/**
 * Fills a database on a separate server, uses the whole service on it, and checks every plan.
 *
 * @param dataDirectory kept, and used again as it is; without it the data go when the server stops
 */
export async function measureAtScale(
  users: number,
  {
    say = () => undefined,
    dataDirectory,
  }: { say?: (text: string) => void; dataDirectory?: string } = {},
): Promise<Measured> {
  const folder = dataDirectory ?? join(tmpdir(), `stylizer-scale-${randomUUID()}`);
  const filled = existsSync(join(folder, 'filled'));
  const throwAway = dataDirectory === undefined;
  const postgres = await startPostgres({ dataDirectory: folder, durable: false, throwAway });
  try {
    const url = postgres.url('scale');
    if (!filled) {
      await postgres.createDatabase('scale');
      await migrateDatabase(
        loadConfig(configSchema, { DATABASE_URL: url, JWT_SECRET: TEST_SECRET }),
      );
      const begun = performance.now();
      await fill(url, users);
      say(`filled for ${users} users in ${Math.round((performance.now() - begun) / 1000)} s`);
      await explainEverything(url);
      writeFileSync(join(folder, 'filled'), String(users));
    }
    const { plans, uncalled } = await driven(url, join(folder, 'server.log'));
    return {
      url,
      plans,
      uncalled,
      faults: faultsIn(plans),
      slow: (ms) => slowIn(plans, ms),
      close: async () => void (await postgres.stop()),
    };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function driven(url: string, log: string): Promise<Pick<Measured, 'plans' | 'uncalled'>> {
  const from = statSync(log).size;
  const inference = new FakeInference();
  const app = await startTestApp({ databaseUrl: url, inference });
  let uncalled: string[];
  try {
    uncalled = await drive(app, inference);
  } finally {
    await app.close();
  }
  const plans = readPlans(log, from).filter(({ statement }) => !statement.startsWith(OF_THE_TEST));
  return { uncalled, plans };
}

/** Without those that allowed.ts lists. */
function judged(plans: Plan[]): Plan[] {
  return plans.filter(({ statement }) => !ALLOWED.some((one) => one.statement.test(statement)));
}

function faultsIn(plans: Plan[]): string[] {
  const faults = judged(plans).flatMap((plan) =>
    faultsOf(plan).map((fault) => `${fault}: ${plan.statement}`),
  );
  return [...new Set(faults)];
}

/** The first run of a statement may wait for the disk. */
function slowIn(plans: Plan[], ms: number): string[] {
  const fastest = new Map<string, number>();
  for (const plan of judged(plans))
    fastest.set(plan.statement, Math.min(plan.ms, fastest.get(plan.statement) ?? Infinity));
  return [...fastest]
    .filter(([, best]) => best > ms)
    .map(([statement, best]) => `${best} ms: ${statement}`);
}
