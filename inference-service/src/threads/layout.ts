import type { Device } from '../engine/devices.js';
import { CODE_LENGTH } from '../engine/engine.js';
import type { StylizeTask } from '../stylize/task.js';
import { ThreadPool } from './thread-pool.js';

/** How the machine's cores are shared out. */
export interface Layout {
  device: Device;
  /** Threads that each hold the network. */
  workers: number;
  /** Cores that one run uses. */
  threads: number;
}

export interface Measured extends Layout {
  /** Milliseconds of one picture, alone. */
  latencyMs: number;
  /** Pictures a second with every worker at work. */
  perSecond: number;
}

/** The size that most people send. */
const SIDE = 512;

/** The best of so many counts: at the start of a machine other things start as well. */
const RUNS = 8;
const ROUNDS = 4;
const RUNS_PER_ROUND = 2;

/** A layout with more workers, and so more memory, has to be better by more than noise. */
const AS_GOOD = 0.8;

const never = new AbortController().signal;

/**
 * Ways to share out cores among workers: one with all of them, every power of two, one each.
 *
 * @param fixed what is not to be chosen; 0 leaves it open.
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
 * The layout with the greatest power, that is, throughput over delay: Kleinrock, "Power and
 * deterministic rules of thumb for probabilistic problems in computer communications", ICC 1979. Of
 * those about as good, the one with the fewest workers.
 */
export function best(all: readonly Measured[]): Measured | undefined {
  const most = Math.max(...all.map(power));
  return all
    .filter((each) => power(each) >= AS_GOOD * most)
    .toSorted((a, b) => a.workers - b.workers)[0];
}

const power = ({ latencyMs, perSecond }: Measured) => perSecond / latencyMs;

/** Runs a few pictures, alone and all workers together. */
export async function measure(layout: Layout, modelDir: string): Promise<Measured> {
  const { workers, ...shared } = layout;
  const pool = await ThreadPool.start({
    workers,
    engine: { engine: 'onnx', modelDir, ...shared },
  });
  try {
    const latencyMs = await fastest(RUNS, () => pool.run(probe(), never));
    if (layout.workers === 1) return { ...layout, latencyMs, perSecond: 1000 / latencyMs };
    const count = layout.workers * RUNS_PER_ROUND;
    const roundMs = await fastest(ROUNDS, () =>
      Promise.all(Array.from({ length: count }, () => pool.run(probe(), never))),
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
