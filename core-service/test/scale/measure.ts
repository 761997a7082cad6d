import { randomUUID } from 'node:crypto';
import { statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@stylizer/common';
import { startPostgres } from '../../../scripts/postgres.js';
import { configSchema } from '../../src/config/config.js';
import { migrateDatabase } from '../../src/database/migrate-database.js';
import { FakeInference } from '../support/fake-inference.js';
import { startTestApp, TEST_SECRET } from '../support/test-app.js';
import { ALLOWED } from './allowed.js';
import { drive } from './drive.js';
import { fill } from './fill.js';
import { explainEverything, faultsOf, type Plan, readPlans } from './plans.js';

export interface Measured {
  plans: Plan[];
  /** Methods of repositories that were not called. */
  uncalled: string[];
  /** Each once: what is wrong, and with which statement. */
  faults: string[];
  /** Statements that took longer in every run of them. */
  slow(ms: number): string[];
  close(): Promise<void>;
}

/** Fills a database of a server of its own, drives the whole service over it, and judges every plan. */
export async function measureAtScale(
  users: number,
  say: (text: string) => void = () => undefined,
): Promise<Measured> {
  const dataDirectory = join(tmpdir(), `stylizer-scale-${randomUUID()}`);
  const postgres = await startPostgres({ dataDirectory, durable: false });
  try {
    const log = join(dataDirectory, 'server.log');
    await postgres.createDatabase('scale');
    const url = postgres.url('scale');
    await migrateDatabase(loadConfig(configSchema, { DATABASE_URL: url, JWT_SECRET: TEST_SECRET }));
    const begun = performance.now();
    await fill(url, users);
    say(`${users} users filled in ${Math.round((performance.now() - begun) / 1000)} s`);
    await explainEverything(url);
    const from = statSync(log).size;

    const inference = new FakeInference();
    const app = await startTestApp({ databaseUrl: url, inference });
    let uncalled: string[];
    try {
      uncalled = await drive(app, inference);
    } finally {
      await app.close();
    }
    const plans = readPlans(log, from);
    return {
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

function faultsIn(plans: Plan[]): string[] {
  const judged = plans.filter(({ statement }) => !ALLOWED.some((one) => one.statement.test(statement)));
  return [...new Set(judged.flatMap((plan) => faultsOf(plan).map((fault) => `${fault}: ${plan.statement}`)))];
}

/** The first run of a statement may wait for the disk. */
function slowIn(plans: Plan[], ms: number): string[] {
  const fastest = new Map<string, number>();
  for (const plan of plans)
    fastest.set(plan.statement, Math.min(plan.ms, fastest.get(plan.statement) ?? Infinity));
  return [...fastest].filter(([, best]) => best > ms).map(([statement, best]) => `${best} ms: ${statement}`);
}
