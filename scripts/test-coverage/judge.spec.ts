import { describe, expect, it } from '@jest/globals';
import { readExceptions } from './exceptions.js';
import { judge } from './judge.js';

const file = (path: string, covered: number) => ({ path, lines: 100, covered });
const exceptions = readExceptions(
  [
    '# Title',
    '- `elsewhere.ts`: not in the section.',
    '## Files with less than 70 % of their lines tested',
    '- `core/low.ts`: needs a GPU.',
    '## Another section',
    '- `after.ts`: not in it either.',
  ].join('\n'),
);

describe('coverage', () => {
  it('is enough with 90 % of a workspace, and 70 % of each file that is not excused', () => {
    const files = [file('core/low.ts', 69), file('core/edge.ts', 70), file('core/rest.ts', 131)];
    expect(judge(new Map([['core-service', files]]), exceptions)).toEqual([]);
  });

  it('is too little below these, and an excuse that is not needed is refused', () => {
    const files = [file('core/low.ts', 70), file('core/new.ts', 69)];
    expect(judge(new Map([['core-service', files]]), exceptions)).toEqual([
      'core-service has less than 90 % of its lines tested.',
      'core/new.ts has less than 70 % and is not listed in CONTRIBUTING.md.',
      'CONTRIBUTING.md lists core/low.ts, which is gone or has 70 %.',
    ]);
  });
});
