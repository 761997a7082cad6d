import util from 'node:util';
import { afterEach, describe, expect, it } from '@jest/globals';
import { restoreRemovedUtil } from './load-binding.js';

const utils = util as unknown as Record<string, (value: unknown) => boolean>;
const remove = () => Reflect.deleteProperty(utils, 'isNullOrUndefined');

describe('what Node removed', () => {
  afterEach(() => void remove());

  it('is back', () => {
    remove();
    restoreRemovedUtil();
    expect(
      [null, undefined, 0, '', {}].map((value) => utils['isNullOrUndefined']?.(value)),
    ).toEqual([true, true, false, false, false]);
  });

  it('is left alone where it is there', () => {
    const own = () => true;
    Object.assign(utils, { isNullOrUndefined: own });
    restoreRemovedUtil();
    expect(utils['isNullOrUndefined']).toBe(own);
  });
});
