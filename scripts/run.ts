import { banner } from './run/banner.js';
import { Plain, readSettings } from './run/settings.js';
import { System } from './run/system.js';

/**
 * One Ctrl-C may arrive twice, from the terminal and forwarded by npm. Only a later one counts as a
 * second Ctrl-C.
 */
const ECHO_MS = 700;

const write = (line: string) => process.stdout.write(`${line}\n`);
let system: System | undefined;
let stoppingSince: number | undefined;

async function main(): Promise<void> {
  const settings = readSettings();
  system = new System(settings, write);
  await system.start();
  write(await banner(settings));
}

async function stop(exitCode: number): Promise<never> {
  stoppingSince = Date.now();
  await system?.stop();
  process.exit(exitCode);
}

function onSignal(): void {
  if (stoppingSince === undefined) {
    write('\nStopping: core, inference, PostgreSQL. Press again to kill them.');
    stop(0).catch(fail);
  } else if (Date.now() - stoppingSince > ECHO_MS) {
    write('Killed.');
    system?.kill();
    process.exit(130);
  }
}

function fail(error: unknown): void {
  // Once stopping, start() fails because we stopped it.
  if (stoppingSince !== undefined) return;
  process.stderr.write(
    error instanceof Plain
      ? `\n${error.message}\n`
      : `\n${error instanceof Error ? error.stack : error}\n`,
  );
  stop(1).catch(() => process.exit(1));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
// The output was closed (`make run | head`, a closed terminal): the same as Ctrl-C.
for (const stream of [process.stdout, process.stderr]) stream.on('error', onSignal);
main().catch(fail);
