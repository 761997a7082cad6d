import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { relay, type Say } from '../run/console.js';
import type { Image } from './replay.js';

/** Who the images run as; a user who is not root runs them as themselves. */
export const CONTAINER_USER =
  process.getuid?.() === 0 ? ({ uid: 1000, gid: 1000 } as const) : undefined;

const HEALTHY_WITHIN_MS = 90_000;
const GRACE_MS = 30_000;

/** A process as a container of the image would run it: its command, its environment and nothing of ours. */
export class Container {
  readonly #env: NodeJS.ProcessEnv;
  #child: ChildProcess | undefined;

  constructor(
    private readonly name: string,
    private readonly image: Image,
    env: Record<string, string>,
    private readonly say: Say,
    private readonly command: string[] = image.command,
  ) {
    const path = `${join(image.root, 'usr/local/bin')}:/usr/bin:/bin`;
    this.#env = { ...image.env, PATH: path, LANG: 'C.UTF-8', ...env };
  }

  start(): void {
    const [file = '', ...args] = this.command;
    this.#child = spawn(file, args, { ...this.#options, stdio: ['ignore', 'pipe', 'pipe'] });
    relay([this.#child.stdout, this.#child.stderr], this.say);
    this.#child.on('error', (error) => this.say(error.message));
  }

  /** Runs to its end. @throws Error unless it ends well. */
  async run(): Promise<void> {
    this.start();
    const [code] = (await once(this.#child as ChildProcess, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${this.name} ended with exit code ${code}`);
  }

  /** Waits for the image's own health check to succeed. */
  async healthy(check = this.image.healthcheck): Promise<number> {
    const since = Date.now();
    const [file = '', ...args] = check;
    while (Date.now() - since < HEALTHY_WITHIN_MS) {
      if (this.#child?.exitCode !== null) throw new Error(`${this.name} ended by itself`);
      if (spawnSync(file, args, this.#options).status === 0) return Date.now() - since;
      await delay(200);
    }
    throw new Error(`${this.name} was not healthy within ${HEALTHY_WITHIN_MS / 1000} s`);
  }

  /** Sends SIGTERM. @throws Error when it does not end in order and in time. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const closed = once(child, 'close') as Promise<[number | null, string | null]>;
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
    const [code, signal] = await closed;
    clearTimeout(timer);
    if (code !== 0) throw new Error(`${this.name} ended at SIGTERM with ${signal ?? code}`);
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  get #options() {
    return {
      ...CONTAINER_USER,
      cwd: join(this.image.root, this.image.workdir),
      env: this.#env,
    };
  }
}
