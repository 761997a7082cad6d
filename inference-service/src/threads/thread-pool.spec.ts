import { EventEmitter } from 'node:events';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it } from '@jest/globals';
import { ClientGone } from '../errors.js';
import type { Task } from '../stylize/task.js';
import { ThreadPool, type ThreadPoolOptions } from './thread-pool.js';

const never = new AbortController().signal;
const task = (): Task => ({
  kind: 'encode',
  image: { data: new Uint8Array(3), width: 1, height: 1 },
});

/** A fake thread that answers when the test tells it to. */
class FakeWorker extends EventEmitter {
  received = 0;
  readonly sizes: number[] = [];
  postMessage(batch: Task[]) {
    this.received++;
    this.sizes.push(batch.length);
  }
  answer(message: object = { kind: 'done', results: [new Float32Array(1)], ranMs: 1 }) {
    this.emit('message', message);
  }
  async terminate() {
    this.emit('exit', 1);
  }
}

function fakes() {
  const workers: FakeWorker[] = [];
  const spawn = () => {
    const worker = new FakeWorker();
    workers.push(worker);
    return worker as unknown as Worker;
  };
  return { workers, spawn };
}

const ENGINE = { engine: 'onnx', modelDir: '', threads: 1, device: 'cpu' } as const;

const turn = () => new Promise(setImmediate);

async function startPool(
  size: number,
  onFatal?: (cause: Error) => void,
  more: Partial<ThreadPoolOptions> = {},
) {
  const { workers, spawn } = fakes();
  const options = {
    workers: size,
    engine: ENGINE,
    spawn,
    ...(onFatal && { onFatal }),
    ...more,
  };
  const starting = ThreadPool.start(options);
  workers.forEach((worker) => worker.answer({ kind: 'ready', engine: 'fake', device: 'none' }));
  return { pool: await starting, workers };
}

describe('ThreadPool', () => {
  it('gives each thread one task at a time, first in, first out', async () => {
    const { pool, workers } = await startPool(1);
    const order: number[] = [];
    const runs = [1, 2, 3].map((n) => pool.run(task(), never).then(() => order.push(n)));
    for (let n = 1; n <= 3; n++) {
      await turn();
      expect(workers[0]?.received).toBe(n);
      workers[0]?.answer();
    }
    await Promise.all(runs);
    expect(order).toEqual([1, 2, 3]);
  });

  it('drops a queued task whose client disconnected', async () => {
    const { pool, workers } = await startPool(1);
    const leaving = new AbortController();
    const first = pool.run(task(), never);
    const second = pool.run(task(), leaving.signal);
    const third = pool.run(task(), never);
    leaving.abort();
    await expect(second).rejects.toThrow(ClientGone);
    await turn();
    workers[0]?.answer();
    await first;
    await turn();
    workers[0]?.answer();
    await third;
    expect(workers[0]?.received).toBe(2);
  });

  it('runs queued tasks of one size as a batch, full or not', async () => {
    const { pool, workers } = await startPool(1, undefined, { batch: 3, batchWaitMs: 1 });
    const picture = (width: number): Task => ({
      kind: 'stylize',
      content: { data: new Uint8Array(48 * width), width, height: 16 },
      code: new Float32Array(1),
      look: { preserveColors: false, photoShare: 0 },
    });
    const runs = [16, 16, 24, 16, 16].map((width) => pool.run(picture(width), never));
    const sizes = workers[0]?.sizes ?? [];
    for (const [count, expected] of [[3], [3, 1], [3, 1, 1]].entries()) {
      while (sizes.length <= count) await new Promise((resolve) => setTimeout(resolve, 1));
      expect(sizes).toEqual(expected);
      const results = Array.from({ length: expected.at(-1) ?? 0 }, () => new Float32Array(1));
      workers[0]?.answer({ kind: 'done', results, ranMs: 3 });
    }
    expect((await Promise.all(runs)).map(({ ranMs }) => ranMs)).toEqual([1, 1, 3, 1, 3]);
  });

  it('keeps a thread whose network failed', async () => {
    const { pool, workers } = await startPool(1);
    const failing = pool.run(task(), never);
    await turn();
    workers[0]?.answer({ kind: 'failed', message: 'out of memory' });
    await expect(failing).rejects.toMatchObject({ code: 'INTERNAL' });
    const next = pool.run(task(), never);
    await turn();
    workers[0]?.answer();
    await next;
    expect(workers).toHaveLength(1);
  });

  it('replaces a thread that died idle, and gives the new one the queue', async () => {
    const { pool, workers } = await startPool(1);
    workers[0]?.emit('exit', 1);
    expect(pool.state.workers).toBe(0);
    const waiting = pool.run(task(), never);
    workers[1]?.answer({ kind: 'ready', engine: 'fake', device: 'none' });
    await turn();
    workers[1]?.answer();
    await waiting;
    expect(pool.state).toEqual({ engine: 'fake', device: 'none', workers: 1, threads: 1 });
  });

  it('reports when a dead thread cannot be replaced', async () => {
    const fatal = Promise.withResolvers<Error>();
    const { workers } = await startPool(1, fatal.resolve);
    workers[0]?.emit('exit', 1);
    workers[1]?.emit('error', new Error('no model'));
    workers[1]?.emit('exit', 1);
    expect(await fatal.promise).toMatchObject({ cause: new Error('no model') });
  });

  it('does not start without its threads', async () => {
    const { workers, spawn } = fakes();
    const starting = ThreadPool.start({
      workers: 1,
      engine: ENGINE,
      spawn,
    });
    workers[0]?.emit('exit', 1);
    await expect(starting).rejects.toThrow('ended with code 1');
  });

  it('replaces no thread while it stops', async () => {
    const { pool, workers } = await startPool(2);
    await pool.stop();
    expect(workers).toHaveLength(2);
  });
});
