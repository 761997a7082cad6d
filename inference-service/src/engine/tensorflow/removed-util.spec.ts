import util from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { restoreRemovedUtil } from './removed-util.js';

const { isNullOrUndefined } = util as unknown as {
  isNullOrUndefined?: (value: unknown) => boolean;
};

describe('what Node removed', () => {
  it('is gone', () => {
    expect(isNullOrUndefined).toBeUndefined();
  });

  it('is back, once', () => {
    restoreRemovedUtil();
    const { isNullOrUndefined: restored } = util as unknown as {
      isNullOrUndefined: (value: unknown) => boolean;
    };
    expect([null, undefined, 0, '', {}].map(restored)).toEqual([true, true, false, false, false]);
    restoreRemovedUtil();
    expect(util).toMatchObject({ isNullOrUndefined: restored });
  });
});
