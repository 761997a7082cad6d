import { expect, test } from '@jest/globals';
import { table } from './table.js';

test('columns are aligned, with numbers to the right', () => {
  expect(
    table(
      ['Kind', 'Amount'],
      [
        ['hold', -10],
        ['signup_grant', 100],
      ],
    ),
  ).toBe(
    [
      '  Kind           Amount',
      '  ------------   ------',
      '  hold              -10',
      '  signup_grant      100',
    ].join('\n'),
  );
});
