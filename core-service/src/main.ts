import { runProcess } from './app/run-process.js';

await runProcess(async () => (await import('./app/run-api.js')).runApi());
