import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startCluster, stopCluster } from '../support/postgres-cluster.js';
import { startServices, stopServices } from '../support/test-services.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

/** Starts database and inference once, not for each of hundreds of mutants. */
await startCluster();
try {
  await startServices();
  const stryker = spawn(
    process.execPath,
    [
      'node_modules/@stryker-mutator/core/bin/stryker.js',
      'run',
      'core-service/test/mutation/stryker.config.js',
      ...process.argv.slice(2),
    ],
    { cwd: ROOT, stdio: 'inherit' },
  );
  const [code] = (await once(stryker, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
} finally {
  await stopServices();
  await stopCluster();
}
