import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { parse } from './validation.js';

const schema = z.strictObject({
  size: z.number().int().min(1).max(100),
  name: z.string().min(2).max(3),
  tags: z.array(z.string()).max(1),
  kind: z.enum(['a', 'b']),
  flag: z.boolean(),
  own: z.string('must be a name of our own'),
});
const valid = { size: 1, name: 'ab', tags: [], kind: 'a', flag: true, own: 'x' };

describe('parse', () => {
  it('returns what is valid', () => {
    expect(parse(schema, valid)).toEqual(valid);
  });

  it.each([
    [{ size: 0 }, 'size: must be at least 1'],
    [{ size: 101 }, 'size: must be at most 100'],
    [{ size: 1.5 }, 'size: must be a whole number'],
    [{ size: '1' }, 'size: must be a number'],
    [{ size: undefined }, 'size: is missing'],
    [{ name: 'a' }, 'name: must have at least 2 characters'],
    [{ name: 'abcd' }, 'name: must have at most 3 characters'],
    [{ tags: ['a', 'b'] }, 'tags: must have at most 1 items'],
    [{ tags: {} }, 'tags: must be a list'],
    [{ kind: 'c' }, 'kind: must be one of a, b'],
    [{ flag: 'yes' }, 'flag: must be true or false'],
    [{ own: 1 }, 'own: must be a name of our own'],
    [{ more: 1 }, 'more: is not a field of this route'],
    [{ size: 0, flag: 1 }, 'size: must be at least 1; flag: must be true or false'],
  ])('refuses %j with "%s"', (change, detail) => {
    expect(() => parse(schema, { ...valid, ...change })).toThrow(
      expect.objectContaining({ code: 'VALIDATION_FAILED', message: detail }),
    );
  });

  it('names each bad field by its path, below the given one', () => {
    const errors = [{ path: 'style.tags.0', message: 'must be text' }];
    expect(() => parse(schema, { ...valid, tags: [1] }, 'style')).toThrow(
      expect.objectContaining({ errors }),
    );
  });
});
