import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blockOtherLoaders } from '@stylizer/common';
import { campaign } from './campaign.js';
import { specimens } from './specimens.js';
import { Target } from './target.js';

/** Generous: the real network runs on shared cores. */
const TIMEOUT_MS = 120_000;

let target: Target;

beforeAll(async () => {
  blockOtherLoaders();
  target = await Target.start();
}, TIMEOUT_MS);
afterAll(() => target.stop());

describe('the inference service', () => {
  it(
    'answers 300 malformed images as documented, and survives',
    async () => {
      const report = await campaign(target, {
        specimens: await specimens(),
        seed: 1,
        images: 300,
        memoryGrowth: 200,
      });
      expect(report.findings).toEqual([]);
      expect(report.restarts).toBe(0);
      const outcomes = new Set([...report.outcomes.values()].flatMap((row) => [...row.keys()]));
      expect([...outcomes]).toEqual(
        expect.arrayContaining(['JPEG', 'style code', 'IMAGE_UNREADABLE']),
      );
    },
    TIMEOUT_MS,
  );
});
