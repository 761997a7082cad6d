import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type TestApp, testEnvironment } from './test-app.js';

/** Runs an entry point of `src/` as a process of its own on the app's database. */
export function command(
  { databaseUrl, config }: Pick<TestApp, 'databaseUrl' | 'config'>,
  name: 'grant' | 'operator',
  ...args: string[]
): Promise<{ code: number; output: string }> {
  const entry = fileURLToPath(new URL(`../../src/${name}.ts`, import.meta.url));
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--import', '@swc-node/register/esm-register', entry, ...args],
      {
        cwd: fileURLToPath(new URL('../..', import.meta.url)),
        env: {
          PATH: process.env.PATH,
          NODE_V8_COVERAGE: process.env.CHILD_COVERAGE,
          ...testEnvironment(databaseUrl, config.STORAGE_DIR),
        },
      },
      (_error, stdout, stderr) => resolve({ code: child.exitCode ?? -1, output: stdout + stderr }),
    );
  });
}
