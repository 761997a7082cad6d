import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../postgres/free-port.js';
import { memoryOf } from '../run/memory.js';
import { waitUntilReady } from '../run/readiness.js';
import { spawnEntry } from '../run/service.js';
import type { Case } from './case.js';
import type { Answer } from './verdict.js';

const PATIENCE_MS = 30_000;

/** The inference service as a separate process, with its defaults, on the loopback. */
export class Target {
  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
    /** Its log, newest last. */
    readonly log: readonly string[],
  ) {}

  static async start(): Promise<Target> {
    const port = await freePort();
    const log: string[] = [];
    const child = spawnEntry({
      folder: 'inference-service',
      entry: 'src/main.ts',
      env: {
        PATH: process.env.PATH,
        HOST: '127.0.0.1',
        PORT: String(port),
        METRICS_PORT: '0',
        LOG_LEVEL: 'error',
        // One worker, so that startup measures no layouts.
        INFERENCE_WORKERS: '1',
      },
      say: (line) => log.push(line),
    });
    const ended = new AbortController();
    child.once('exit', () =>
      ended.abort(new Error(`The service did not start:\n${log.join('\n')}`)),
    );
    const target = new Target(child, `http://127.0.0.1:${port}`, log);
    await waitUntilReady('inference', target.url, console.log, ended.signal);
    return target;
  }

  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resident memory in MB. */
  get memory(): number {
    return memoryOf(this.child.pid ?? 0).now;
  }

  /** @throws when the connection breaks or the answer times out. */
  async send({ bytes, params }: Case): Promise<Answer> {
    const form = new FormData();
    if (params) form.set('params', JSON.stringify(params));
    form.set('image', new Blob([new Uint8Array(bytes)]), 'case');
    const response = await fetch(`${this.url}${params ? '/v1/stylize' : '/v1/styles/encode'}`, {
      method: 'POST',
      body: form,
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { headers } = response;
    return {
      status: response.status,
      type: headers.get('content-type') ?? '',
      body: Buffer.from(await response.arrayBuffer()),
      size: {
        width: Number(headers.get('x-image-width')),
        height: Number(headers.get('x-image-height')),
      },
    };
  }

  /** Inference threads that died and were replaced. */
  async restarts(): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    return Number(/^inference_worker_restarts_total (\d+)/m.exec(text)?.[1]);
  }

  async stop(): Promise<void> {
    if (!this.alive) return;
    const closed = once(this.child, 'close');
    this.child.kill('SIGTERM');
    await closed;
  }
}
