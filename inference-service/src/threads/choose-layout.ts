import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import type { FastifyBaseLogger } from 'fastify';
import type { Config } from '../config.js';
import { best, type Layout, layoutsFor, type Measured } from './layout.js';
import { execArgv, extension } from './spawn-options.js';

export interface MeasureRequest {
  modelDir: string;
  /** Candidates on the CPU. */
  layouts: Layout[];
  /** How to use a GPU; undefined: do not look for one. */
  gpu: Omit<Layout, 'device'> | undefined;
}

export type MeasureReport =
  { kind: 'measured'; measured: Measured } | { kind: 'refused'; layout: Layout; reason: string };

/**
 * The device and threads for the network: as configured, else measured. A configured device is used
 * without a trial: if it does not start, neither does the service.
 */
export async function chooseLayout(config: Config, logger: FastifyBaseLogger): Promise<Layout> {
  const { INFERENCE_DEVICE: named, MODEL_DIR: modelDir } = config;
  const fixed = { workers: config.INFERENCE_WORKERS, threads: config.INFERENCE_THREADS };
  // A GPU runs one batch at a time; CPU threads only feed it.
  const onGpu = { workers: fixed.workers || 1, threads: fixed.threads || 1 };
  if (named !== 'auto' && named !== 'cpu') return { device: named, ...onGpu };

  const layouts = layoutsFor(availableParallelism(), fixed);
  const gpu = named === 'auto' ? onGpu : undefined;
  const { reports, code } = await measureLayouts({ modelDir, layouts, gpu });
  if (code !== 0) logger.warn({ code }, 'measuring stopped early; using the results so far');
  for (const report of reports)
    if (report.kind === 'measured') logger.info(report.measured, 'measured');
    else logger.warn(report, 'the network fails with this layout');
  const measured = reports.flatMap((each) => (each.kind === 'measured' ? [each.measured] : []));
  const { device, workers, threads } = best(measured) ?? (layouts[0] as Layout);
  return { device, workers, threads };
}

/**
 * Measures in a child process, so that its memory is freed and a crashing driver does no harm. Reports
 * sent before a crash still count.
 */
function measureLayouts(
  request: MeasureRequest,
): Promise<{ reports: MeasureReport[]; code: number | null }> {
  const entry = new URL(`./measure-layouts${extension}`, import.meta.url);
  const child = fork(entry, [JSON.stringify(request)], { execArgv });
  const reports: MeasureReport[] = [];
  child.on('message', (report: MeasureReport) => reports.push(report));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve({ reports, code }));
  });
}
