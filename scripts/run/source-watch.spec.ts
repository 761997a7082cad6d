import { once } from 'node:events';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { FSWatcher } from 'chokidar';
import { watchSources } from './source-watch.js';

let folder: string;
let watch: FSWatcher;
let next: (files: string[]) => void;
const change = () => new Promise<string[]>((resolve) => (next = resolve));
const write = (name: string) => writeFileSync(join(folder, name), 'export {};');

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stylizer-watch-'));
  mkdirSync(join(folder, 'below'));
  write('below/old.ts');
  watch = watchSources([folder], (files) => next(files));
  await once(watch, 'ready');
});
afterEach(async () => {
  await watch.close();
  rmSync(folder, { recursive: true });
});

test('a file replaced by a rename is a change, every time', async () => {
  for (let time = 0; time < 2; time += 1) {
    const changed = change();
    write('below/.draft');
    renameSync(join(folder, 'below/.draft'), join(folder, 'below/old.ts'));
    expect(await changed).toEqual([join(folder, 'below/old.ts')]);
  }
});

test('many changes at once are reported once; specs and other files are ignored', async () => {
  const changed = change();
  for (const name of ['a.spec.ts', 'notes.txt', 'one.ts', 'below/two.ts']) write(name);
  expect((await changed).sort()).toEqual([join(folder, 'below/two.ts'), join(folder, 'one.ts')]);
});

test('a new folder is watched too', async () => {
  const made = change();
  mkdirSync(join(folder, 'later'));
  await made;
  const changed = change();
  write('later/new.ts');
  expect(await changed).toEqual([join(folder, 'later/new.ts')]);
});
