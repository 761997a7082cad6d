import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@stylizer/common';
import { configSchema } from '../core-service/src/config/config.js';
import { migrateDatabase } from '../core-service/src/database/migrate-database.js';
import { fill } from '../core-service/test/scale/fill.js';
import { writeBenchmarks } from './bench/benchmarks-page.js';
import { drawGrowth, type Curve } from './bench/growth-chart.js';
import { fillTpcB, type Load, scriptsPerSecond } from './bench/ledger-load.js';
import { ledgerScript } from './bench/ledger-script.js';
import { machine, writtenBy } from './bench/provenance.js';
import { startPostgres } from './postgres.js';

/** Numbers of users; there are eleven transfers per user. */
const SIZES = (process.env.BENCH_USERS ?? '1000,10000,100000,1000000').split(',').map(Number);
const CONNECTIONS = [1, 8, 32];
/** Number of busy users among them. */
const BUSY = 1_000;

const say = (text: string) => process.stderr.write(`${text}\n`);
const folder = mkdtempSync(join(tmpdir(), 'stylizer-ledger-'));
const postgres = await startPostgres({
  dataDirectory: join(folder, 'postgres'),
  durable: true,
  throwAway: true,
});
try {
  const script = join(folder, 'pair.sql');
  writeFileSync(script, await ledgerScript());
  await postgres.createDatabase('tpcb');
  const tpcb: Load = { url: postgres.url('tpcb') };
  fillTpcB(tpcb.url);

  const rows: string[] = [];
  const curves: Curve[] = CONNECTIONS.map((connections) => ({ connections, points: [] }));
  for (const users of SIZES) {
    const url = postgres.url(`ledger_${users}`);
    await postgres.createDatabase(`ledger_${users}`);
    const JWT_SECRET = 'not used by migrations, but the schema wants one';
    await migrateDatabase(loadConfig(configSchema, { DATABASE_URL: url, JWT_SECRET }));
    say(`filling for ${users} users`);
    await fill(url, users);
    for (const [i, connections] of CONNECTIONS.entries()) {
      say(`${users} users, ${connections} connections`);
      const pair = { url, script, users: Math.min(BUSY, users) };
      const [base = NaN, pairs = NaN, hot = NaN] = scriptsPerSecond(
        [tpcb, pair, { ...pair, users: 1 }],
        connections,
      );
      const [share, hotShare] = [(2 * pairs) / base, (2 * hot) / base];
      curves[i]?.points.push({ transfers: 11 * users, share, hotShare });
      rows.push(
        `| ${users.toLocaleString('en')} | ${(11 * users).toLocaleString('en')} | ${connections} | ${Math.round(base)} | ${Math.round(pairs)} | ${share.toFixed(2)} | ${hotShare.toFixed(2)} |`,
      );
    }
  }
  await drawGrowth(curves, 'docs/ledger-growth.png');
  const report = `## The ledger as it grows

${writtenBy('make bench-ledger')}

- ${machine()}
- PostgreSQL 18 with its default settings, syncing to disk; pgbench on the same machine, extended protocol.
- A pair is a submission and a completion: two transactions, with the statements that the repositories send. At every size, either 1,000 users are busy or one.
- The share is transactions a second (two per pair) relative to pgbench's TPC-B-like load, which alternates with it on the same server. Medians of 3 rounds.

| Users | Transfers | Connections | TPC-B, a second | Pairs a second | Share of TPC-B | Share, one user alone |
| --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

![Share of TPC-B over the number of transfers](ledger-growth.png)
`;
  await writeBenchmarks('make bench-ledger', report);
  say(report);
} finally {
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
