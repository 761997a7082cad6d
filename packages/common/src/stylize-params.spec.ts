import { describe, expect, it } from '@jest/globals';
import { stylizeParamsSchema } from './stylize-params.js';

const style = { id: 'starry-night' };

const pathsOf = (input: unknown) => {
  const parsed = stylizeParamsSchema.safeParse(input);
  return parsed.success ? [] : parsed.error.issues.map(({ path }) => path.join('.'));
};

describe('stylizeParamsSchema', () => {
  it('fills in full strength, the style’s colours and quality 90', () => {
    expect(stylizeParamsSchema.parse({ styles: [style] })).toEqual({
      styles: [{ id: 'starry-night', weight: 1 }],
      strength: 1,
      preserveColors: false,
      strokeScale: 1,
      quality: 90,
    });
  });

  it('takes a style by its code', () => {
    expect(pathsOf({ styles: [{ code: [0.5, -1], weight: 2 }] })).toEqual([]);
    expect(pathsOf({ styles: [{ code: [0.5, -1], model: 'a', weight: 2 }] })).toEqual([]);
  });

  it.each([
    ['no style', { styles: [] }, 'styles'],
    ['five styles', { styles: Array.from({ length: 5 }, () => style) }, 'styles'],
    ['a negative weight', { styles: [{ ...style, weight: -1 }] }, 'styles.0.weight'],
    ['weights that sum to zero', { styles: [{ ...style, weight: 0 }] }, 'styles'],
    ['a huge number in a code', { styles: [{ code: [1e300], model: 'a' }] }, 'styles.0.code.0'],
    ['a model without a name to speak of', { styles: [{ code: [0.5], model: 7 }] }, 'styles.0'],
    ['strength 7', { styles: [style], strength: 7 }, 'strength'],
    ['strength as text', { styles: [style], strength: '1' }, 'strength'],
    ['strokes too fine', { styles: [style], strokeScale: 0.4 }, 'strokeScale'],
    ['strokes too bold', { styles: [style], strokeScale: 4.1 }, 'strokeScale'],
    ['quality 0', { styles: [style], quality: 0 }, 'quality'],
    ['a tiny maxSize', { styles: [style], maxSize: 63 }, 'maxSize'],
    ['a field nobody knows', { styles: [style], colour: 'red' }, ''],
    ['a style with neither id nor code', { styles: [{ weight: 1 }] }, 'styles.0'],
    ['text in place of the object', 'starry-night', ''],
  ])('refuses %s', (_what, input, path) => {
    expect(pathsOf(input)).toContain(path);
  });
});
