import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { relay, type Say } from '../run/console.js';
import type { Image } from './buildah.js';

const HEALTHY_WITHIN_MS = 90_000;
const GRACE_MS = 30_000;

/** Mounts the image read-only, with a writable /tmp and /data, and runs the command as the image's user. */
const ENTER = `
root=$1 scratch=$2 data=$3 user=$4; shift 4
mount --bind "$root" "$root"
mount -o remount,bind,ro "$root"
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --bind "$scratch" "$root/tmp"
mount --bind "$data" "$root/data"
exec chroot --userspec="$user" "$root" "$@"`;

/** Host folders that containers may write to. */
export interface Volumes {
  tmp: string;
  data: string;
}

/** A process in an image, with separate mount and process namespaces and the host's network. */
export class Container {
  #child: ChildProcess | undefined;

  constructor(
    private readonly name: string,
    private readonly image: Image,
    private readonly volumes: Volumes,
    private readonly env: Record<string, string>,
    private readonly say: Say,
    private readonly command: string[] = image.command,
  ) {}

  start(): void {
    const [file, args] = this.#inside([...this.image.entrypoint, ...this.command]);
    this.#child = spawn(file, args, { env: {}, stdio: ['ignore', 'pipe', 'pipe'] });
    relay([this.#child.stdout, this.#child.stderr], this.say);
    this.#child.on('error', (error) => this.say(error.message));
  }

  /** Runs to the end. @throws Error when it fails. */
  async run(): Promise<void> {
    this.start();
    const [code] = (await once(this.#child as ChildProcess, 'close')) as [number | null];
    if (code !== 0) throw new Error(`${this.name} ended with exit code ${code}`);
  }

  /** Waits for the image's own health check to succeed. */
  async healthy(): Promise<number> {
    const since = Date.now();
    const [file, args] = this.#inside(this.image.healthcheck);
    while (Date.now() - since < HEALTHY_WITHIN_MS) {
      if (this.#child?.exitCode !== null) throw new Error(`${this.name} exited unexpectedly`);
      if (spawnSync(file, args, { env: {} }).status === 0) return Date.now() - since;
      await delay(200);
    }
    throw new Error(`${this.name} was not healthy within ${HEALTHY_WITHIN_MS / 1000} s`);
  }

  /** Sends SIGTERM to the container's first process. @throws Error when it does not exit cleanly and in time. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null) return;
    const closed = once(child, 'close') as Promise<[number | null, string | null]>;
    const first = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8');
    process.kill(Number(first), 'SIGTERM');
    const timer = setTimeout(() => this.kill(), GRACE_MS);
    const [code, signal] = await closed;
    clearTimeout(timer);
    if (code !== 0) throw new Error(`${this.name} ended at SIGTERM with ${signal ?? code}`);
  }

  /** The kernel ends all processes of a namespace with its first one. */
  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  #inside(command: string[]): [string, string[]] {
    const { root, user, workdir, env } = this.image;
    const own = Object.entries(this.env).map(([name, value]) => `${name}=${value}`);
    return [
      '/usr/bin/unshare',
      [
        ...['--mount', '--pid', '--fork', '--kill-child', 'sh', '-euc', ENTER, 'sh'],
        ...[root, this.volumes.tmp, this.volumes.data, user],
        ...['/usr/bin/env', '-i', '-C', workdir, ...env, ...own, ...command],
      ],
    ];
  }
}
