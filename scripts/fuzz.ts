import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { blockOtherLoaders } from '@stylizer/common';
import { table } from './demo/table.js';
import { campaign, type Report, SLOWEST_MS, tryCase } from './fuzz/campaign.js';
import { type Case, makeCase } from './fuzz/case.js';
import { specimens } from './fuzz/specimens.js';
import { Target } from './fuzz/target.js';
import { ROOT } from './run/settings.js';

const FOLDER = join(ROOT, 'out/fuzz');
const OUTCOMES = [
  ...['JPEG', 'style code'],
  ...['IMAGE_UNREADABLE', 'UNSUPPORTED_IMAGE', 'IMAGE_TOO_LARGE', 'IMAGE_TOO_SMALL'],
];

const number = (name: string, otherwise: number): number => {
  const value = Number(process.env[name] || otherwise);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`${name} must be a whole number.`);
};

const images = number('FUZZ_IMAGES', 10_000);
const seed = number('FUZZ_SEED', 20_260_726);
const memoryGrowth = number('FUZZ_MEMORY_MB', 250);
const only = process.env.FUZZ_CASE ? number('FUZZ_CASE', 0) : undefined;

blockOtherLoaders();
const made = await specimens();
const target = await Target.start();
let failed = false;
try {
  if (only === undefined) await runAll();
  else await runOne(makeCase(made, seed, only));
} finally {
  await target.stop();
}
process.exitCode = failed ? 1 : 0;

async function runAll(): Promise<void> {
  console.log(`${images} images, seed ${seed}`);
  const onProgress = (done: number) => {
    if (done % 1_000 === 0) console.log(`${done}…`);
  };
  const report = await campaign(target, {
    ...{ specimens: made, seed, images, memoryGrowth, onProgress },
  });
  summarise(report);
  failed = report.findings.length > 0;
  for (const { found, what } of report.findings)
    console.error(found ? `\ncase ${found.index} (${save(found)}): ${what}` : `\n${what}`);
  if (failed) console.error('\nRun FUZZ_CASE=… make fuzz to repeat one.');
}

async function runOne(found: Case): Promise<void> {
  console.log(`case ${found.index} of seed ${seed}: ${found.kind}, ${found.steps.join(', ')}`);
  console.log(`${save(found)}, sent with ${JSON.stringify(found.params ?? 'no params')}`);
  const { verdict, ms } = await tryCase(target, found);
  console.log(`${'finding' in verdict ? verdict.finding : verdict.outcome} in ${ms.toFixed(0)} ms`);
  failed = 'finding' in verdict || ms > SLOWEST_MS;
  if (failed) console.error(target.log.join('\n'));
}

function save({ index, bytes }: Case): string {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${seed}-${index}`);
  writeFileSync(file, bytes);
  return file;
}

function summarise({ outcomes, slowest, seconds, memory, restarts, findings }: Report): void {
  const rows = [...outcomes].sort(([a], [b]) => (a < b ? -1 : 1));
  const total = OUTCOMES.map((name) => rows.reduce((sum, [, of]) => sum + (of.get(name) ?? 0), 0));
  const lines = rows.map(([kind, of]) => [kind, ...OUTCOMES.map((name) => of.get(name) ?? 0)]);
  console.log(`\n${table(['made from', ...OUTCOMES], [...lines, ['all', ...total]])}\n`);
  const { idle, warm, peak, end } = memory;
  console.log(`${seconds.toFixed(1)} s, ${(images / seconds).toFixed(1)} images per second`);
  console.log(`slowest: ${slowest.ms.toFixed(0)} ms, case ${slowest.index} (${slowest.kind})`);
  console.log(`memory: ${idle} MB idle, ${warm} warm, ${peak} at most, ${end} at the end`);
  console.log(`threads that died: ${restarts}; findings: ${findings.length}`);
}
