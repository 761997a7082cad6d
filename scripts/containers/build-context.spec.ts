import { expect, test } from '@jest/globals';
import { BuildContext } from './build-context.js';

const context = new BuildContext(
  '/nowhere',
  '# all\n*\n!package.json\n!core\n**/test\n**/*.spec.ts',
);

test.each([
  ['package.json', true],
  ['core/src/main.ts', true],
  ['.env', false],
  ['.git/config', false],
  ['packages.json', false],
  ['core/test/setup.ts', false],
  ['core/src/deep/a.spec.ts', false],
  ['core/src/testing.ts', true],
])('%s is in the context: %s', (path, expected) => {
  expect(context.has(path)).toBe(expected);
});

test('copying what is left out fails, as it does for Docker', () => {
  expect(() => context.copy('.env', '/tmp/never')).toThrow('not in the build context');
});
