import { findGpu } from '../engine/devices.js';
import type { Finding, Question } from './choose-layout.js';
import { type Layout, measure } from './layout.js';
import { quiet } from './quiet.js';

/** Longer than the core service and a database take to start beside this one. */
const WAIT_MS = 6_000;

const { modelDir, layouts, gpu } = JSON.parse(process.argv[2] ?? '') as Question;

const say = (finding: Finding) =>
  new Promise((resolve) => process.send?.(finding, undefined, undefined, resolve));

// Nobody is left to be told.
process.once('disconnect', () => process.exit());

const device = gpu && (await findGpu(modelDir));
const all: Layout[] = device ? [...layouts, { device, ...gpu }] : layouts;
// Nothing to choose from, nothing to measure.
const candidates = all.length > 1 ? all : [];
if (candidates.length > 0) await quiet(WAIT_MS);
for (const layout of candidates) {
  try {
    await say({ kind: 'measured', measured: await measure(layout, modelDir) });
  } catch (error) {
    await say({ kind: 'refused', layout, reason: String(error) });
  }
}
process.exit(0);
