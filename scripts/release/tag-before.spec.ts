import { expect, test } from '@jest/globals';
import { tagBefore } from './tag-before.js';

const tags = ['v0.2.0', 'v0.2.0-rc.2', 'v0.2.0-rc.1', 'v0.1.0'];

test.each([
  ['v0.2.0', 'v0.1.0'],
  ['v0.2.0-rc.2', 'v0.2.0-rc.1'],
  ['v0.2.0-rc.1', 'v0.1.0'],
  ['v0.1.0', undefined],
])('the notes of %s begin after %s', (tag, before) => {
  expect(tagBefore(tag, tags)).toBe(before);
});
