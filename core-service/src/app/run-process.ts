import { createRequire, register } from 'node:module';
import { keepNewRelicDiscreet } from './new-relic.js';

/**
 * Starts an entry point: loads the New Relic agent first, if its key is set, and exits with a readable
 * message if the start fails.
 */
export async function runProcess(start: () => Promise<void>): Promise<void> {
  try {
    if (process.env.NEW_RELIC_LICENSE_KEY) {
      keepNewRelicDiscreet(process.env);
      register('newrelic/esm-loader.mjs', import.meta.url);
      createRequire(import.meta.url)('newrelic');
    }
    await start();
  } catch (error) {
    const expected = error instanceof Error && error.name === 'ConfigError';
    process.stderr.write(`${expected ? error.message : describe(error)}\n`);
    process.exit(1);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
