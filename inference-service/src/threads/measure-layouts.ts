import { findGpu } from '../engine/devices.js';
import type { Finding, Question } from './choose-layout.js';
import { type Layout, measure } from './layout.js';

const { modelDir, layouts, gpu } = JSON.parse(process.argv[2] ?? '') as Question;

const say = (finding: Finding) =>
  new Promise((resolve) => process.send?.(finding, undefined, undefined, resolve));

const device = gpu && (await findGpu(modelDir));
const all: Layout[] = device ? [...layouts, { device, ...gpu }] : layouts;
// Nothing to choose from, nothing to measure.
for (const layout of all.length > 1 ? all : []) {
  try {
    await say({ kind: 'measured', measured: await measure(layout, modelDir) });
  } catch (error) {
    await say({ kind: 'refused', layout, reason: String(error) });
  }
}
process.exit(0);
