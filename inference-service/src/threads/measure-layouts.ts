import { findGpu } from '../engine/devices.js';
import type { MeasureReport, MeasureRequest } from './choose-layout.js';
import { type Layout, measure, waitUntilIdle } from './layout.js';

/** Longer than the core service and a database take to start on the same machine. */
const WAIT_MS = 6_000;

const { modelDir, layouts, gpu } = JSON.parse(process.argv[2] ?? '') as MeasureRequest;

const send = (report: MeasureReport) =>
  new Promise((resolve) => process.send?.(report, undefined, undefined, resolve));

// The parent process is gone.
process.once('disconnect', () => process.exit());

const device = gpu && (await findGpu(modelDir));
const all: Layout[] = device ? [...layouts, { device, ...gpu }] : layouts;
// A single candidate needs no measurement.
const candidates = all.length > 1 ? all : [];
if (candidates.length > 0) await waitUntilIdle(WAIT_MS);
for (const layout of candidates) {
  try {
    await send({ kind: 'measured', measured: await measure(layout, modelDir) });
  } catch (error) {
    await send({ kind: 'refused', layout, reason: String(error) });
  }
}
process.exit(0);
