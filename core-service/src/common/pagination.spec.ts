import { describe, expect, it } from '@jest/globals';
import { v7 as uuid } from 'uuid';
import { DomainError } from './domain-error.js';
import { PageQuery, pageOf } from './pagination.js';
import { parse } from './validation.js';

const idOf = (cursor: unknown) => parse(PageQuery, { cursor }).cursor;
const rows = (count: number) => Array.from({ length: count }, () => ({ id: uuid() }));

describe('pages', () => {
  it('have no cursor when everything is shown', () => {
    const all = rows(3);
    expect(pageOf(all, 3)).toEqual({ items: all, nextCursor: null });
    expect(pageOf([], 3)).toEqual({ items: [], nextCursor: null });
  });

  it('cut off the row too many, and point at the last one shown', () => {
    const read = rows(4);
    const { items, nextCursor } = pageOf(read, 3);
    expect(items).toEqual(read.slice(0, 3));
    expect(idOf(nextCursor)).toBe(read[2]?.id);
  });

  it('begin at the top without a cursor', () => {
    expect(idOf(undefined)).toBeUndefined();
  });

  it.each([
    ['nothing', ''],
    ['a word', 'banana'],
    ['a plain id', '019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f'],
    ['16 bytes that are no UUID', Buffer.alloc(16, 0xff).toString('base64url').replace('_', '!')],
    ['a cursor with something behind', `${String(pageOf(rows(2), 1).nextCursor)}AA`],
    ['a cursor with padding', `${String(pageOf(rows(2), 1).nextCursor)}==`],
    ['SQL', "' OR 1=1 --"],
  ])('refuse a cursor that is %s', (_what, cursor) => {
    expect(() => idOf(cursor)).toThrow(DomainError);
  });
});
