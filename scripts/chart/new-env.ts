import { relative } from 'node:path';
import { Plain, ROOT } from '../run/settings.js';
import { newEnvironment } from './new-environment.js';

try {
  const file = newEnvironment(process.env.NAME ?? '', process.env.STAGE || 'dev');
  console.log(
    `Wrote ${relative(ROOT, file)}. Set its host, then commit it: Argo CD does the rest.`,
  );
} catch (error) {
  if (!(error instanceof Plain)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
