import type { ImageLimits } from '@stylizer/common';
import { setTimeout as delay } from 'node:timers/promises';
import { type Case, makeCase } from './case.js';
import type { Specimen } from './specimens.js';
import type { Target } from './target.js';
import { judge, judgeIntake, type Verdict } from './verdict.js';

/** The defaults of both services. */
const LIMITS: ImageLimits = { maxBytes: 60_000_000, maxPixels: 100_000_000 };

const CONCURRENCY = 4;
export const SLOWEST_MS = 10_000;
const MEMORY_SAMPLE_MS = 100;
/** Cases before the first memory measurement, enough to cover every kind. */
const WARM_UP_SHARE = 0.2;
/** Freed memory does not return to the system at once. */
const SETTLE_MS = 1_000;

export interface Finding {
  /** Absent for a finding about the whole run. */
  found?: Case;
  what: string;
}

export interface Report {
  /** Number of each outcome, by the kind of specimen. */
  outcomes: Map<string, Map<string, number>>;
  findings: Finding[];
  slowest: { index: number; kind: string; ms: number };
  seconds: number;
  /** Resident memory of the service in MB: idle, after the warm-up, at its peak, at the end. */
  memory: { idle: number; warm: number; peak: number; end: number };
  restarts: number;
}

export interface CampaignOptions {
  specimens: readonly [Specimen, ...Specimen[]];
  seed: number;
  images: number;
  /** Allowed growth of the service in MB after the warm-up. */
  memoryGrowth: number;
  onProgress?: (done: number) => void;
}

/** Sends the cases, four at a time, and checks the answers. */
export async function campaign(target: Target, options: CampaignOptions): Promise<Report> {
  const { specimens, seed, images, memoryGrowth, onProgress } = options;
  const outcomes: Report['outcomes'] = new Map();
  const findings: Finding[] = [];
  let slowest: Report['slowest'] = { index: -1, kind: '', ms: 0 };
  const memory = { idle: target.memory, warm: 0, peak: 0, end: 0 };
  const sampling = setInterval(() => {
    memory.peak = Math.max(memory.peak, target.memory || 0);
  }, MEMORY_SAMPLE_MS);

  const began = performance.now();
  const late: Case[] = [];
  let next = 0;
  let done = 0;
  const lane = async () => {
    while (next < images && target.alive) {
      const found = makeCase(specimens, seed, next++);
      const { verdict, ms } = await tryCase(target, found);
      if (ms > slowest.ms) slowest = { index: found.index, kind: found.kind, ms };
      if (ms > SLOWEST_MS) late.push(found);
      if ('finding' in verdict) findings.push({ found, what: verdict.finding });
      else count(outcomes, found.kind, verdict.outcome);
      done++;
      onProgress?.(done);
      if (done === Math.ceil(images * WARM_UP_SHARE)) memory.warm = target.memory;
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, lane));
  const seconds = (performance.now() - began) / 1000;
  // On a busy machine anything may be late; a case that is slow itself is slow alone, too.
  for (const found of late) {
    const { ms } = await tryCase(target, found);
    if (ms > SLOWEST_MS) findings.push({ found, what: `answered after ${Math.round(ms)} ms` });
  }
  await delay(SETTLE_MS);
  clearInterval(sampling);

  memory.end = target.memory;
  const restarts = target.alive ? await target.restarts() : Number.NaN;
  if (!target.alive) findings.push({ what: `the process ended:\n${target.log.join('\n')}` });
  else if (restarts !== 0) findings.push({ what: `${restarts} inference threads died` });
  const growth = memory.end - memory.warm;
  if (growth > memoryGrowth)
    findings.push({
      what: `memory grew by ${growth} MB after the warm-up; ${memoryGrowth} are allowed`,
    });
  return { outcomes, findings, slowest, seconds, memory, restarts };
}

/** Sends one case to the service and through the image intake that both services share. */
export async function tryCase(
  target: Target,
  found: Case,
): Promise<{ verdict: Verdict; ms: number }> {
  const began = performance.now();
  let verdict: Verdict;
  try {
    const answer = await target.send(found);
    verdict = await judge(answer, found.params ? 'jpeg' : 'code');
  } catch (error) {
    const cause = error instanceof Error && error.cause ? ` (${String(error.cause)})` : '';
    verdict = { finding: `no answer: ${String(error)}${cause}` };
  }
  const ms = performance.now() - began;
  if ('finding' in verdict) return { verdict, ms };
  const intake = await judgeIntake(found.bytes, LIMITS);
  return { verdict: 'finding' in intake ? intake : verdict, ms };
}

function count(outcomes: Report['outcomes'], kind: string, outcome: string): void {
  const row = outcomes.get(kind) ?? new Map<string, number>();
  row.set(outcome, (row.get(outcome) ?? 0) + 1);
  outcomes.set(kind, row);
}
