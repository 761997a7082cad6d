import { describe, expect, it } from '@jest/globals';
import { preferencesOf } from './request-preferences.js';

describe('preferencesOf', () => {
  it.each([
    [undefined, 30_000],
    ['respond-async', 0],
    ['wait=5', 5_000],
    ['wait=0', 0],
    ['respond-async, wait=10', 10_000],
    ['WAIT = 7', 7_000],
    ['wait=3600', 60_000],
    ['wait=-1', 30_000],
    ['handling=lenient', 30_000],
  ])('Prefer: %s waits %i ms', (prefer, waitMs) => {
    expect(preferencesOf({ prefer }).waitMs).toBe(waitMs);
  });

  it.each([
    [undefined, false],
    ['*/*', false],
    ['image/jpeg', true],
    ['image/*', true],
    ['application/json', false],
    ['image/jpeg, application/json;q=0.5', true],
    ['application/json, image/jpeg;q=0.5', false],
    ['image/jpeg;q=0', false],
    ['text/html,application/xhtml+xml,*/*;q=0.8', false],
  ])('Accept: %s wants the JPG: %s', (accept, jpeg) => {
    expect(preferencesOf({ accept }).jpeg).toBe(jpeg);
  });
});
