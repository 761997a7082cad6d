import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.js';
import { best, type Layout, layoutsFor, type Measured } from './layout.js';
import { execArgv, extension } from './own-code.js';

/** What the measuring process is asked. */
export interface Question {
  modelDir: string;
  /** On the CPU. */
  layouts: Layout[];
  /** Whether to look for a GPU, and how to use one. */
  gpu: Omit<Layout, 'device'> | undefined;
}

export type Finding =
  { kind: 'measured'; measured: Measured } | { kind: 'refused'; layout: Layout; reason: string };

/**
 * What the network runs on, and with how many threads: as configured, and measured where nothing is.
 * A device that was named is taken unasked: where it does not start, the service does not.
 */
export async function chooseLayout(config: Config, logger: FastifyBaseLogger): Promise<Layout> {
  const { INFERENCE_DEVICE: named, MODEL_DIR: modelDir } = config;
  const fixed = { workers: config.INFERENCE_WORKERS, threads: config.INFERENCE_THREADS };
  // A GPU runs one thing at a time, and its threads only feed it.
  const onGpu = { workers: fixed.workers || 1, threads: fixed.threads || 1 };
  if (named !== 'auto' && named !== 'cpu') return { device: named, ...onGpu };

  const layouts = layoutsFor(availableParallelism(), fixed);
  const gpu = named === 'auto' ? onGpu : undefined;
  const { findings, code } = await ask({ modelDir, layouts, gpu });
  if (code !== 0) logger.warn({ code }, 'measuring broke off; what was found until then counts');
  for (const finding of findings)
    if (finding.kind === 'measured') logger.info(finding.measured, 'measured');
    else logger.warn(finding, 'the network does not run with this layout');
  const measured = findings.flatMap((each) => (each.kind === 'measured' ? [each.measured] : []));
  const { device, workers, threads } = best(measured) ?? (layouts[0] as Layout);
  return { device, workers, threads };
}

/**
 * In a process of its own: its memory goes back when it ends, and a driver that crashes takes nothing
 * else along. What it found until then counts.
 */
function ask(question: Question): Promise<{ findings: Finding[]; code: number | null }> {
  const entry = new URL(`./measure-layouts${extension}`, import.meta.url);
  const child = fork(entry, [JSON.stringify(question)], { execArgv });
  const findings: Finding[] = [];
  child.on('message', (finding: Finding) => findings.push(finding));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve({ findings, code }));
  });
}
