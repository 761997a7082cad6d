import { runProcess } from './run-process.js';

await runProcess(async () => (await import('./api.js')).runApi());
