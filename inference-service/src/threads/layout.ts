import { cpus } from 'node:os';
import { scheduler } from 'node:timers/promises';
import type { Device } from '../engine/devices.js';
import { CODE_LENGTH } from '../engine/engine.js';
import type { StylizeTask } from '../stylize/task.js';
import { ThreadPool } from './thread-pool.js';

/** How the machine's cores are divided among workers. */
export interface Layout {
  device: Device;
  /** Threads with the network loaded. */
  workers: number;
  /** Cores that one run uses. */
  threads: number;
}

export interface Measured extends Layout {
  /** Milliseconds for one image, alone. */
  latencyMs: number;
  /** Images per second with all workers busy. */
  perSecond: number;
}

/** The most common upload size. */
const SIDE = 512;

/** The fastest run counts: while the machine starts, other programs use its cores too. */
const RUNS = 8;
const ROUNDS = 4;
const RUNS_PER_ROUND = 2;

/** More workers take more memory, so they have to win by more than noise. */
const AS_GOOD = 0.8;

const noAbort = new AbortController().signal;

/**
 * Candidates: one worker with all cores, every power of two, one worker per core.
 *
 * @param fixed configured values; 0 leaves the choice open.
 */
export function layoutsFor(cores: number, fixed: { workers: number; threads: number }): Layout[] {
  const share = (count: number) => Math.max(1, Math.floor(cores / count));
  const { workers, threads } = fixed;
  if (workers > 0) return [{ device: 'cpu', workers, threads: threads || share(workers) }];
  if (threads > 0) return [{ device: 'cpu', workers: share(threads), threads }];
  const counts = [];
  for (let count = 1; count < cores; count *= 2) counts.push(count);
  return [...counts, cores].map((count) => ({
    device: 'cpu',
    workers: count,
    threads: share(count),
  }));
}

/**
 * The layout with the greatest power, which is throughput divided by delay: Kleinrock, "Power and
 * deterministic rules of thumb for probabilistic problems in computer communications", ICC 1979. Of
 * those within noise of it, the one with the fewest workers.
 */
export function best(all: readonly Measured[]): Measured | undefined {
  const most = Math.max(...all.map(power));
  return all
    .filter((each) => power(each) >= AS_GOOD * most)
    .toSorted((a, b) => a.workers - b.workers)[0];
}

const power = ({ latencyMs, perSecond }: Measured) => perSecond / latencyMs;

/** Measures latency with one image, and throughput with all workers busy. */
export async function measure(layout: Layout, modelDir: string): Promise<Measured> {
  const { workers, ...shared } = layout;
  const pool = await ThreadPool.start({
    workers,
    engine: { engine: 'onnx', modelDir, ...shared },
  });
  try {
    const latencyMs = await fastest(RUNS, () => pool.run(probe(), noAbort));
    if (layout.workers === 1) return { ...layout, latencyMs, perSecond: 1000 / latencyMs };
    const count = layout.workers * RUNS_PER_ROUND;
    const roundMs = await fastest(ROUNDS, () =>
      Promise.all(Array.from({ length: count }, () => pool.run(probe(), noAbort))),
    );
    return { ...layout, latencyMs, perSecond: (1000 * count) / roundMs };
  } finally {
    await pool.stop();
  }
}

/** Milliseconds. */
async function fastest(times: number, work: () => Promise<unknown>): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < times; i++) {
    const began = performance.now();
    await work();
    least = Math.min(least, performance.now() - began);
  }
  return least;
}

const probe = (): StylizeTask => ({
  kind: 'stylize',
  content: { data: new Uint8Array(3 * SIDE * SIDE), width: SIDE, height: SIDE },
  code: new Float32Array(CODE_LENGTH),
  look: { preserveColors: false, photoShare: 0 },
});

const SAMPLE_MS = 200;

/** Share of all cores' time that other programs may use during a measurement. */
const BUSY = 0.15;

/** Resolves when other programs use little CPU time, or after `mostMs`. */
export async function waitUntilIdle(mostMs: number): Promise<void> {
  const until = performance.now() + mostMs;
  for (let before = cpuTimes(); performance.now() < until;) {
    await scheduler.wait(SAMPLE_MS);
    const now = cpuTimes();
    if (now.busy - before.busy < BUSY * (now.all - before.all)) return;
    before = now;
  }
}

/** Milliseconds of all cores since boot. */
function cpuTimes(): { busy: number; all: number } {
  let [busy, all] = [0, 0];
  for (const { times } of cpus()) {
    const { user, nice, sys, irq, idle } = times;
    busy += user + nice + sys + irq;
    all += user + nice + sys + irq + idle;
  }
  return { busy, all };
}
