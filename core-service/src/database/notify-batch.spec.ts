import { describe, expect, it } from '@jest/globals';
import { MOST_PER_BATCH, NotifyBatch } from './notify-batch.js';

/** Each batch is under way until `arrive`. */
function batches() {
  const sent: string[][] = [];
  const arrivals: (() => void)[] = [];
  const batch = new NotifyBatch((payloads) => {
    sent.push(payloads);
    return new Promise((resolve) => arrivals.push(resolve));
  });
  const arrive = async () => {
    arrivals.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { batch, sent, arrive };
}
const numbered = (count: number) => Array.from({ length: count }, (_, i) => `payload ${i}`);

describe('a batch of notifications', () => {
  it('leaves at once with the first, and again with all that came while it was under way', async () => {
    const { batch, sent, arrive } = batches();
    const [first, ...rest] = numbered(100);
    for (const payload of [String(first), ...rest]) batch.add(payload);
    expect(sent).toEqual([[first]]);
    await arrive();
    expect(sent).toEqual([[first], rest]);
    await arrive();
    expect(sent).toHaveLength(2);
    batch.add('later');
    expect(sent[2]).toEqual(['later']);
  });

  it('has the same payload once, and again once it is under way', async () => {
    const { batch, sent, arrive } = batches();
    for (const payload of ['a', 'b', 'b', 'a', 'b']) batch.add(payload);
    await arrive();
    expect(sent).toEqual([['a'], ['b', 'a']]);
  });

  it('is bounded: the rest follows in order', async () => {
    const { batch, sent, arrive } = batches();
    const all = numbered(2 * MOST_PER_BATCH + 2);
    for (const payload of all) batch.add(payload);
    for (let i = 0; i < 4; i++) await arrive();
    expect(sent.map(({ length }) => length)).toEqual([1, MOST_PER_BATCH, MOST_PER_BATCH, 1]);
    expect(sent.flat()).toEqual(all);
  });

  it('is drained when the last has arrived', async () => {
    const { batch, arrive } = batches();
    for (const payload of ['a', 'b']) batch.add(payload);
    let drained = false;
    const draining = batch.drain().then(() => (drained = true));
    await arrive();
    expect(drained).toBe(false);
    await arrive();
    await draining;
    await batch.drain();
  });
});
