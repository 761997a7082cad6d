import { parentPort, workerData } from 'node:worker_threads';
import { createEngine, type EngineOptions } from '../engine/create-engine.js';
import { CODE_LENGTH, type Engine, STYLE_SIDE } from '../engine/engine.js';
import { type Batch, type Result, runTasks, transferablesOf } from '../stylize/task.js';

export type WorkerMessage =
  | { kind: 'ready'; engine: string; device: string }
  | { kind: 'done'; results: Result[]; ranMs: number }
  | { kind: 'failed'; message: string };

if (!parentPort) throw new Error('This file runs as a worker thread.');
const port = parentPort;
const post = (message: WorkerMessage, transfer: ArrayBuffer[] = []) =>
  port.postMessage(message, transfer);

const engine = await createEngine(workerData as EngineOptions);
await warmUp(engine);

port.on('message', (batch: Batch) => {
  const began = performance.now();
  runTasks(engine, batch).then(
    (results) =>
      post({ kind: 'done', results, ranMs: performance.now() - began }, transferablesOf(results)),
    (error: unknown) =>
      post({ kind: 'failed', message: error instanceof Error ? error.message : String(error) }),
  );
});
post({ kind: 'ready', engine: engine.name, device: engine.device });

/**
 * Runs both graphs once, so that the first request is not slow. At 256 pixels: the runtime keeps the
 * memory of a run, and 512 would keep 30 MB that large images need.
 */
async function warmUp(engine: Engine): Promise<void> {
  const black = (side: number) => ({
    data: new Uint8Array(3 * side * side),
    width: side,
    height: side,
  });
  await engine.encode(black(STYLE_SIDE));
  await engine.stylize([{ content: black(256), code: new Float32Array(CODE_LENGTH) }]);
}
