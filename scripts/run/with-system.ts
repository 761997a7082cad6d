import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { probe } from './readiness.js';
import { baseUrl, Plain, readSettings, type Settings } from './settings.js';
import { System } from './system.js';

const SHOWN_AT_FAILURE = 20;

let system: System | undefined;
let ending: Promise<void> | undefined;

/**
 * Runs `work` against a system: the one at BASE_URL, else the one that runs here, else one that is
 * started for it and stopped after it. Ends the process.
 */
export function withSystem(work: (url: string) => Promise<void>): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(130));
  find()
    .then(work)
    .then(
      () => end(0),
      (error: unknown) => {
        if (!ending) console.error(error instanceof Plain ? `\n${error.message}` : error);
        end(1);
      },
    );
}

async function find(): Promise<string> {
  const given = process.env.BASE_URL?.replace(/\/+$/, '');
  if (given) {
    const problem = await probe(`${given}/health/ready`);
    if (problem) throw new Plain(`BASE_URL is ${given}, which is not ready: ${problem}`);
    return given;
  }
  const settings = readSettings();
  const url = baseUrl(settings);
  if ((await probe(`${url}/health/ready`)) !== undefined) await startOwn(settings);
  else console.log(`Using the running Stylizer at ${url}`);
  return url;
}

async function startOwn(settings: Settings): Promise<void> {
  const file = join(settings.dataFolder, 'system.log');
  const log = createWriteStream(file);
  const last: string[] = [];
  console.log(`Nothing is running at ${baseUrl(settings)}: starting Stylizer (log: ${file})`);
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

/** Stops what was started, once, however it ends. */
function end(exitCode: number): void {
  ending ??= (system?.stop() ?? Promise.resolve()).finally(() => process.exit(exitCode));
}
