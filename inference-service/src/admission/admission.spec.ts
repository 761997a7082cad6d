import { describe, expect, it } from '@jest/globals';
import { Busy } from '../errors.js';
import { Admission } from './admission.js';

const never = new AbortController().signal;

function admissionOf(concurrency: number, queueLimit: number): Admission {
  const admission = new Admission({ queueLimit, bodyBytes: 100, decodedPixels: 100 });
  admission.allow(concurrency);
  return admission;
}

describe('Admission', () => {
  it('refuses requests when the queue is full, with a retry time', async () => {
    const admission = admissionOf(1, 1);
    const end = Promise.withResolvers<undefined>();
    const visit = () => admission.enter(() => admission.turn(1, never, () => end.promise));
    const inside = [visit(), visit()];
    const refused = await admission.enter(() => Promise.resolve()).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(Busy);
    expect((refused as Busy).retryAfterSeconds).toBeGreaterThanOrEqual(1);
    expect([admission.running, admission.queued]).toEqual([1, 1]);
    end.resolve(undefined);
    await Promise.all(inside);
    expect(await admission.enter(() => Promise.resolve('in'))).toBe('in');
  });

  it('frees the place of a failed request', async () => {
    const admission = admissionOf(1, 0);
    await expect(admission.enter(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await admission.enter(() => Promise.resolve('in'))).toBe('in');
  });

  it('limits concurrency by decoded pixels', async () => {
    const admission = admissionOf(3, 0);
    let together = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++together);
      await new Promise(setImmediate);
      together--;
    };
    await Promise.all([60, 60, 60].map((pixels) => admission.turn(pixels, never, work)));
    expect(most).toBe(1);
  });

  it('keeps room for small images beside the large one', async () => {
    const admission = admissionOf(1, 9);
    const end = Promise.withResolvers<undefined>();
    const large = [1, 2].map(() => admission.turnOfLarge(1, never, () => end.promise));
    expect(admission.running).toBe(1);
    const heavy = admission.turnOfLarge(13, never, () => Promise.resolve());
    await expect(heavy).rejects.toThrow(Busy);
    expect(await admission.turn(1, never, () => Promise.resolve('small'))).toBe('small');
    end.resolve(undefined);
    await Promise.all(large);
  });

  it('resolves when the last request is done', async () => {
    const admission = admissionOf(1, 1);
    const end = Promise.withResolvers<undefined>();
    const visit = admission.enter(() => end.promise);
    let empty = false;
    const left = admission.empty().then(() => (empty = true));
    await new Promise(setImmediate);
    expect(empty).toBe(false);
    end.resolve(undefined);
    await Promise.all([visit, left]);
    await expect(admission.empty()).resolves.toBeUndefined();
  });
});
