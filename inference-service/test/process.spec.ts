import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, truncate, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { execArgv } from '../src/threads/spawn-options.js';
import { scene } from './support/pictures.js';
import { STYLE } from './support/requests.js';

const workspace = fileURLToPath(new URL('..', import.meta.url));
let dir: string;
let child: ChildProcess;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stylizer-'));
});
afterEach(async () => {
  child.kill('SIGKILL');
  await rm(dir, { recursive: true });
});

/** Starts the service as a separate process, as `make run` does. */
function start(env: Record<string, string> = {}) {
  child = spawn('node', [...execArgv, 'src/main.ts'], {
    cwd: workspace,
    env: {
      PATH: process.env['PATH'],
      NODE_V8_COVERAGE: process.env['CHILD_COVERAGE'],
      PORT: '0',
      METRICS_PORT: '0',
      INFERENCE_WORKERS: '1',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let complaint = '';
  child.stderr?.on('data', (text: Buffer) => (complaint += text.toString()));
  const output = createInterface({ input: child.stdout ?? process.stdin });
  const heard = (word: string) =>
    new Promise<string>((resolve) =>
      output.on('line', (line) => {
        if (line.includes(word)) resolve(line);
      }),
    );
  return { heard, exit: once(child, 'exit'), complaint: () => complaint };
}

describe('the process', () => {
  it.each<[string, string, (file: string) => Promise<void>]>([
    ['missing', 'style-encoder.onnx', unlink],
    ['damaged', 'network.onnx', (file) => truncate(file, 1_000_000)],
  ])('does not start when a file of the model is %s: %s', async (state, file, spoil) => {
    await cp(join(workspace, 'models'), dir, { recursive: true });
    await spoil(join(dir, file));
    const { exit, complaint } = start({ MODEL_DIR: dir });
    expect(await exit).toEqual([1, null]);
    expect(complaint()).toContain(join(dir, file));
    expect(complaint()).toContain(state);
    expect(complaint()).toContain('MODEL_DIR');
  });

  it('does not start on a bad variable, and names it', async () => {
    const { exit, complaint } = start({ INFERENCE_WORKERS: 'many' });
    expect(await exit).toEqual([1, null]);
    expect(complaint()).toContain('INFERENCE_WORKERS');
  });

  it('does not start on a missing device, and does not fall back', async () => {
    const missing = process.platform === 'darwin' ? 'dml' : 'coreml';
    const { exit, heard } = start({ INFERENCE_DEVICE: missing });
    const last = heard('cannot continue');
    expect(await exit).toEqual([1, null]);
    expect(await last).toContain(`does not start on ${missing} (INFERENCE_DEVICE)`);
  });

  it('finishes running jobs on SIGTERM and exits with 0', async () => {
    const { heard, exit } = start();
    const listening = heard('Server listening');
    const ready = heard('"ready"');
    const url = /http:\/\/[\d.:]+/.exec(await listening)?.[0] ?? '';
    await ready;
    const form = new FormData();
    form.append('params', JSON.stringify(STYLE));
    form.append('image', new Blob([new Uint8Array(await scene(1300, 1200).jpeg().toBuffer())]));
    const incoming = heard('incoming request');
    const answer = fetch(`${url}/v1/stylize`, { method: 'POST', body: form });
    await incoming;
    const stopping = heard('stopping');
    child.kill('SIGTERM');
    await stopping;
    const refused = await fetch(`${url}/health/ready`);
    expect([refused.status, (await refused.json()) as unknown]).toEqual([
      503,
      expect.objectContaining({ status: 'stopping' }),
    ]);
    const { status, headers } = await answer;
    await (await answer).arrayBuffer();
    expect([status, headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(await exit).toEqual([0, null]);
  });
});
