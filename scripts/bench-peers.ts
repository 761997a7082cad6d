/**
 * Compares our network with others in one run, and with the machine's peak; `make bench-peers`.
 * With TRIAL set: one small size, a few rounds, and nothing written to docs/.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import sharp from 'sharp';
import { writeBenchmarks } from './bench/benchmarks-page.js';
import { machine, writtenBy } from './bench/provenance.js';
import { checkPeers, measurePeers } from './bench-peers/measure-peers.js';
import {
  nodeArgs,
  photoPath,
  PYTHON,
  script,
  THREADS,
  WORK_FOLDER,
} from './bench-peers/peer-commands.js';
import type { SizeResult } from './bench-peers/peers-result.js';
import { peersSection } from './bench-peers/peers-section.js';
import { PRODUCTS, SUM_LENGTH } from './bench-peers/probes.js';
import { rooflinePage } from './bench-peers/roofline-page.js';
import type { Roofline } from './bench-peers/roofline.js';
import { ROOT } from './run/settings.js';

const COMMAND = 'make bench-peers';
const trial = Boolean(process.env.TRIAL);
/** Seconds by size; rounds are completed, so the last one may end later. */
const BUDGETS = trial ? { 256: 5 } : { 256: 20, 512: 40, 1024: 90, 2048: 200 };
const ROUNDS = trial ? { fewest: 2, most: 2 } : { fewest: 3, most: 15 };
const ROOFLINE_SIDE = trial ? 256 : 512;
const ROOFLINE_ROUNDS = trial ? 2 : 11;
const CHECKED_SIDE = 256;

/** Load average above which the figures are unreliable. */
const [load = Number.NaN] = loadavg();

const say = (text: string) => process.stderr.write(`${text}\n`);
const python = (file: string, ...args: string[]) =>
  execFileSync(PYTHON, [script(file), ...args], { stdio: 'inherit' });

say('graphs, weights, photographs');
mkdirSync(WORK_FOLDER, { recursive: true });
python('peer_graphs.py', WORK_FOLDER);
python('probe_graphs.py', WORK_FOLDER, String(SUM_LENGTH), ...PRODUCTS);
for (const side of new Set([...Object.keys(BUDGETS).map(Number), ROOFLINE_SIDE, CHECKED_SIDE])) {
  const photo = sharp(join(ROOT, 'assets/sample.jpg')).resize(side, side).removeAlpha();
  writeFileSync(photoPath(side), await photo.raw().toBuffer());
}

say('check that engines agree on the same network');
await checkPeers(CHECKED_SIDE);

say(`roofline at ${ROOFLINE_SIDE}`);
const rooflineArgs = [
  WORK_FOLDER,
  photoPath(ROOFLINE_SIDE),
  ...[ROOFLINE_SIDE, THREADS, ROOFLINE_ROUNDS].map(String),
];
const roofline = JSON.parse(
  execFileSync(process.execPath, nodeArgs('measure-roofline.ts', ...rooflineArgs), {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  }),
) as Roofline;

const engines = new Map<string, string>();
const sizes: SizeResult[] = [];
for (const [side, seconds] of Object.entries(BUDGETS)) {
  say(`all networks at ${side}`);
  sizes.push(await measurePeers(Number(side), { budgetMs: 1_000 * seconds, ...ROUNDS }, engines));
}

const origin = `${writtenBy(COMMAND)}\n\n- ${machine()}\n- Load of the machine before the run: ${load.toFixed(1)} (processes, mean over a minute).`;
const peers = peersSection(origin, { engines, sizes, roofline });
const page = await format(rooflinePage(origin, roofline), { parser: 'markdown' });
say(`${peers}\n${page}`);
if (!trial) {
  await writeBenchmarks(COMMAND, peers);
  writeFileSync(join(ROOT, 'docs/roofline.md'), page);
}
