import { describe, expect, it } from '@jest/globals';
import { toPixels, toPlanes } from './pixels.js';

describe('pixels and planes', () => {
  it('are each other’s reverse for every value', () => {
    const data = Uint8Array.from({ length: 256 * 3 }, (_, i) => i % 256);
    const planes = toPlanes({ data, width: 16, height: 16 });
    expect(Math.max(...planes.data)).toBe(1);
    expect(toPixels(planes).data).toEqual(data);
  });

  it('put the channels one after the other', () => {
    const planes = toPlanes({ data: Uint8Array.of(255, 0, 0, 0, 255, 0), width: 2, height: 1 });
    expect([...planes.data]).toEqual([1, 0, 0, 1, 0, 0]);
  });

  it('clamp what the network overshoots', () => {
    const pixels = toPixels({ data: Float32Array.of(-0.5, 0.5, 1.5), width: 1, height: 1 });
    expect([...pixels.data]).toEqual([0, 128, 255]);
  });
});
