import { once } from 'node:events';
import { buildCommon } from './run/common-build.js';
import { startEmbedded } from './run/database.js';
import { spawnEntry } from './run/service.js';
import { coreEnvironment, Plain, readSettings } from './run/settings.js';

const ENTRIES = ['migrate', 'grant', 'operator', 'audit'];

/**
 * `core-command.ts migrate`, `core-command.ts grant --email=… --tokens=… --reason=…`,
 * `core-command.ts operator --email=… --role=… --reason=…`: runs one of core's entry points against
 * DATABASE_URL, else against the embedded PostgreSQL, which is stopped afterwards if it was not running.
 */
async function main(): Promise<number> {
  const [entry, ...args] = process.argv.slice(2);
  if (!ENTRIES.includes(entry ?? ''))
    throw new Plain(`usage: core-command.ts ${ENTRIES.join('|')}`);
  const settings = readSettings();
  if (!(await buildCommon(console.error))) throw new Plain('packages/common does not build.');
  const postgres = settings.databaseUrl ? undefined : await startEmbedded(settings, console.error);
  try {
    const env = coreEnvironment(settings, settings.databaseUrl ?? postgres?.url('stylizer') ?? '');
    const child = spawnEntry({
      folder: 'core-service',
      entry: `src/${entry}.ts`,
      args,
      env,
      say: console.log,
    });
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill());
    const [code] = (await once(child, 'close')) as [number | null];
    return code ?? 1;
  } finally {
    await (postgres?.startedHere ? postgres.stop() : postgres?.release());
  }
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Plain ? error.message : error);
    process.exit(1);
  },
);
