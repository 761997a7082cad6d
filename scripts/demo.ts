import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { show } from './demo/show.js';
import { probe } from './run/readiness.js';
import { baseUrl, Plain, readSettings, type Settings } from './run/settings.js';
import { System } from './run/system.js';

const SHOWN_AT_FAILURE = 20;

let system: System | undefined;

async function main(): Promise<void> {
  const given = process.env.BASE_URL?.replace(/\/+$/, '');
  if (given) {
    const problem = await probe(`${given}/health/ready`);
    if (problem) throw new Plain(`BASE_URL is ${given}, and that is not ready: ${problem}`);
    return show(given);
  }
  const settings = readSettings();
  const url = baseUrl(settings);
  if ((await probe(`${url}/health/ready`)) !== undefined) await startOwn(settings);
  else console.log(`Using Stylizer as it runs at ${url}`);
  await show(url);
}

async function startOwn(settings: Settings): Promise<void> {
  const file = join(settings.dataFolder, 'demo.log');
  const log = createWriteStream(file);
  const last: string[] = [];
  console.log(
    `Nothing runs at ${baseUrl(settings)}: starting Stylizer for the demo (log: ${file})`,
  );
  system = new System(settings, (line) => {
    const plain = stripVTControlCharacters(line);
    log.write(`${plain}\n`);
    last.push(plain);
    if (last.length > SHOWN_AT_FAILURE) last.shift();
  });
  await system.start().catch((error: unknown) => {
    if (!ending) console.error(last.join('\n'));
    throw error;
  });
}

let ending: Promise<void> | undefined;

/** Stops what the demo started, once, however it ends. */
function end(exitCode: number): void {
  ending ??= (system?.stop() ?? Promise.resolve()).finally(() => process.exit(exitCode));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(130));
main().then(
  () => end(0),
  (error: unknown) => {
    if (!ending) console.error(error instanceof Plain ? `\n${error.message}` : error);
    end(1);
  },
);
