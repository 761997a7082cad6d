import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { faultsOf } from './inspect.js';

test('an image with sources, a development tool or root as its user is refused', () => {
  const root = mkdtempSync(join(tmpdir(), 'stylizer-image-'));
  for (const folder of ['core/src', 'node_modules/jest', 'extra'])
    mkdirSync(join(root, 'app', folder), { recursive: true });
  const image = { root, user: 'root', entrypoint: ['node'] };
  expect(faultsOf(image, 'core')).toEqual([
    'node_modules/jest is not a production dependency',
    '/app/extra does not belong there',
    expect.stringMatching(/core\/src is source$/),
    'USER root is not a number, so Kubernetes cannot tell that it is not root',
    'tini is not the entry point',
  ]);
  rmSync(root, { recursive: true });
});
