import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { PAGE, valuesIn, withTables } from './values-table.js';

/** Without the padding of the table's columns. */
const plain = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');

describe('the tables of values', () => {
  it('match values.yaml and the schema (else run make chart-docs)', () => {
    const page = readFileSync(PAGE, 'utf8');
    expect(plain(page)).toBe(plain(withTables(page)));
  });

  it('contain the path, the default and the comment of each value', () => {
    const text = [
      '# A file',
      '',
      '# -- First',
      'one: 1',
      'group:',
      '  # -- Below',
      '  two: {a: b}',
      '  three: 3',
      '  # -- Last',
      "  four: ''",
    ];
    expect(valuesIn(text.join('\n'))).toEqual([
      { path: 'one', meaning: 'First', fallback: 1 },
      { path: 'group.two', meaning: 'Below', fallback: { a: 'b' } },
      { path: 'group.four', meaning: 'Last', fallback: '' },
    ]);
  });
});
