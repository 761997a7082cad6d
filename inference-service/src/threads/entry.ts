import { parentPort, workerData } from 'node:worker_threads';
import { createEngine } from '../engine/create-engine.js';
import { runTasks } from '../stylize/run-task.js';
import { type Batch, type FromThread, picturesOf, type ThreadData } from './messages.js';
import { warmUp } from './warm-up.js';

if (!parentPort) throw new Error('This file runs as a worker thread.');
const port = parentPort;
const say = (message: FromThread, transfer: ArrayBuffer[] = []) =>
  port.postMessage(message, transfer);

const engine = await createEngine(workerData as ThreadData);
await warmUp(engine);

port.on('message', (batch: Batch) => {
  const began = performance.now();
  runTasks(engine, batch).then(
    (results) =>
      say({ kind: 'done', results, ranMs: performance.now() - began }, picturesOf(results)),
    (error: unknown) =>
      say({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});
say({ kind: 'ready', engine: engine.name, device: engine.device });
