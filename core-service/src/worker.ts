import { runProcess } from './run-process.js';

await runProcess(async () => (await import('./worker-process.js')).runWorker());
