import { describe, expect, it } from '@jest/globals';
import { DomainError } from '../../common/domain-error.js';
import { parseSubmissionForm } from './submission-form.js';

type Fields = Record<string, string | string[]>;

const parse = (fields: Fields) =>
  parseSubmissionForm(
    new Map(Object.entries(fields).map(([name, value]) => [name, [value].flat()])),
  );

/** Paths of the fields that are refused. */
const refusedPaths = (fields: Fields) => {
  try {
    parse(fields);
  } catch (error) {
    if (error instanceof DomainError && error.code === 'VALIDATION_FAILED')
      return error.errors?.map(({ path }) => path);
    throw error;
  }
  return 'accepted';
};
const styles = (...blend: unknown[]) => ({ styles: JSON.stringify(blend) });

describe('the form of a submission', () => {
  it('fills in full strength, the style’s colours and quality 90', () => {
    expect(parse({ style: 'starry-night' })).toEqual({
      styles: [{ id: 'starry-night', weight: 1 }],
      options: { strength: 1, preserveColors: false, strokeScale: 1, quality: 90 },
    });
  });

  it('reads every option', () => {
    expect(
      parse({
        style: 'a',
        strength: '0.25',
        preserveColors: 'true',
        maxSize: '512',
        strokeScale: '1.5',
        quality: ' 80 ',
      }).options,
    ).toEqual({
      strength: 0.25,
      preserveColors: true,
      maxSize: 512,
      strokeScale: 1.5,
      quality: 80,
    });
  });

  it('reads numbers as JSON writes them', () => {
    expect(parse({ style: 'a', strength: '2.5e-1' }).options.strength).toBe(0.25);
  });

  it('takes empty fields, as a web form sends them, for absent', () => {
    expect(parse({ style: ['a', ''], styles: '', strength: '', maxSize: '' })).toEqual(
      parse({ style: 'a' }),
    );
  });

  it('blends repeated styles in equal shares', () => {
    expect(parse({ style: ['a', 'b'] }).styles).toEqual([
      { id: 'a', weight: 0.5 },
      { id: 'b', weight: 0.5 },
    ]);
  });

  it('makes shares of the weights', () => {
    expect(
      parse(styles({ id: 'a', weight: 3 }, { id: 'b' }, { id: 'c', weight: 0 })).styles,
    ).toEqual([
      { id: 'a', weight: 0.75 },
      { id: 'b', weight: 0.25 },
      { id: 'c', weight: 0 },
    ]);
  });

  it.each<[string, Fields, string[]]>([
    ['no style', {}, ['style']],
    ['both ways to name one', { style: 'a', ...styles({ id: 'b' }) }, ['styles']],
    ['five styles', { style: ['a', 'b', 'c', 'd', 'e'] }, ['style']],
    ['a long id', { style: 'a'.repeat(101) }, ['style.0.id']],
    ['styles twice', { styles: ['[]', '[]'] }, ['styles']],
    ['an empty blend', styles(), ['styles']],
    ['a blend that is no JSON', { styles: 'a,b' }, ['styles']],
    ['a blend that is no list', { styles: '{"id":"a"}' }, ['styles']],
    ['a negative weight', styles({ id: 'a', weight: -1 }), ['styles.0.weight']],
    ['a weight in words', styles({ id: 'a', weight: 'much' }), ['styles.0.weight']],
    ['weights that sum to zero', styles({ id: 'a', weight: 0 }), ['styles']],
    [
      'weights beyond all numbers',
      { styles: '[{"id":"a","weight":1e308},{"id":"b","weight":1e308}]' },
      ['styles'],
    ],
    ['a field in a style that nobody knows', styles({ id: 'a', colour: 1 }), ['styles.0.colour']],
    ['a field that nobody knows', { style: 'a', watermark: 'no' }, ['watermark']],
    ['strength 7', { style: 'a', strength: '7' }, ['strength']],
    ['strength -0.1', { style: 'a', strength: '-0.1' }, ['strength']],
    ['strength in words', { style: 'a', strength: 'full' }, ['strength']],
    ['strength twice', { style: 'a', strength: ['1', '1'] }, ['strength']],
    ['preserveColors: 1', { style: 'a', preserveColors: '1' }, ['preserveColors']],
    ['maxSize 63', { style: 'a', maxSize: '63' }, ['maxSize']],
    ['maxSize 16385', { style: 'a', maxSize: '16385' }, ['maxSize']],
    ['maxSize 512.5', { style: 'a', maxSize: '512.5' }, ['maxSize']],
    ['maxSize 0x200', { style: 'a', maxSize: '0x200' }, ['maxSize']],
    ['strokeScale 0.49', { style: 'a', strokeScale: '0.49' }, ['strokeScale']],
    ['strokeScale 4.01', { style: 'a', strokeScale: '4.01' }, ['strokeScale']],
    ['quality 0', { style: 'a', quality: '0' }, ['quality']],
    ['quality 101', { style: 'a', quality: '101' }, ['quality']],
    ['quality Infinity', { style: 'a', quality: 'Infinity' }, ['quality']],
    [
      'two bad fields at once',
      { style: 'a', quality: 'x', strength: 'y' },
      ['strength', 'quality'],
    ],
    ['a field of the prototype', { style: 'a', constructor: 'x' }, ['constructor']],
  ])('refuses %s', (_what, fields, paths) => {
    expect(refusedPaths(fields)).toEqual(paths);
  });
});
