import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { relay, type Say } from './console.js';
import { ROOT } from './settings.js';

const LIFELINE = new URL('lifeline.js', import.meta.url).href;
/** Halves the restart time. */
const COMPILE_CACHE = join(ROOT, 'node_modules/.cache/node');
const SWC_TYPESCRIPT = ['--import', '@swc-node/register/esm-register'];
/** Takes a tenth of the other loader's memory in each thread, but does not support decorators. */
const NODE_TYPESCRIPT = [
  ...['--experimental-transform-types', '--disable-warning=ExperimentalWarning'],
  ...['--import', './typescript.mjs'],
];
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
/** A service that ran this long started successfully: its next crash counts as the first. */
const SETTLED_MS = 20_000;

export interface ServiceOptions {
  /** The workspace's folder, relative to the root. */
  folder: string;
  entry: string;
  args?: string[];
  env: NodeJS.ProcessEnv;
  say: Say;
}

/** Runs a workspace's TypeScript directly, without a build. */
export function spawnEntry({ folder, entry, args = [], env, say }: ServiceOptions): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      '--enable-source-maps',
      ...(folder === 'inference-service' ? NODE_TYPESCRIPT : SWC_TYPESCRIPT),
      ...['--import', LIFELINE, entry, ...args],
    ],
    {
      cwd: join(ROOT, folder),
      env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...env },
      // A separate process group: the terminal's Ctrl-C reaches only us, and we stop everything in order.
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  relay([child.stdout, child.stderr], say);
  // Spawning may fail and the pipe may break when it dies at once: the exit event reports it.
  child.on('error', (error) => say(error.message));
  child.stdin?.on('error', () => undefined);
  return child;
}

/** A process that is restarted when it exits unexpectedly, after an increasing pause. */
export class Service {
  #child: ChildProcess | undefined;
  #wanted = false;
  #crashes = 0;
  #pause: NodeJS.Timeout | undefined;

  constructor(
    private readonly options: ServiceOptions,
    /** Called after each unexpected exit with the number of exits in a row. */
    private readonly onCrash: (crashes: number) => void = () => undefined,
  ) {}

  start(): void {
    this.#wanted = true;
    clearTimeout(this.#pause);
    const child = spawnEntry(this.options);
    const since = Date.now();
    this.#child = child;
    child.once('close', (code, signal) => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (!this.#wanted) return;
      this.#crashes = Date.now() - since > SETTLED_MS ? 1 : this.#crashes + 1;
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** (this.#crashes - 1), LONGEST_PAUSE_MS);
      this.options.say(
        `exited unexpectedly (${signal ?? `exit code ${code}`}); restarting in ${pause / 1000} s`,
      );
      this.#pause = setTimeout(() => this.start(), pause);
      this.onCrash(this.#crashes);
    });
  }

  /** Stops it with SIGTERM, or with SIGKILL after the grace period. */
  async stop(graceMs: number): Promise<void> {
    this.#wanted = false;
    clearTimeout(this.#pause);
    const child = this.#child;
    if (!child) return;
    const closed = once(child, 'close');
    signalGroup(child, 'SIGTERM');
    const impatience = setTimeout(() => {
      this.options.say(`still running after ${graceMs / 1000} s: killed`);
      signalGroup(child, 'SIGKILL');
    }, graceMs);
    await closed;
    clearTimeout(impatience);
  }

  async restart(graceMs: number): Promise<void> {
    await this.stop(graceMs);
    this.#crashes = 0;
    this.start();
  }

  kill(): void {
    this.#wanted = false;
    clearTimeout(this.#pause);
    if (this.#child) signalGroup(this.#child, 'SIGKILL');
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid) process.kill(-child.pid, signal);
  } catch {
    // It has just exited.
  }
}
