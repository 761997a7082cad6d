import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { diskFull, isDiskFull, Scratch } from './scratch.js';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'stylizer-scratch-'));
});
afterEach(() => rm(dir, { recursive: true }));

describe('Scratch', () => {
  it('removes leftovers of killed processes, and nothing else', async () => {
    const dead = spawn(process.execPath, ['-e', '0']);
    await once(dead, 'exit');
    const names = [dead.pid, process.pid, process.ppid].map((pid) => `stylizer-inference-${pid}-a`);
    for (const name of [...names, 'somebody-elses']) await mkdir(join(dir, name));
    await writeFile(join(dir, names[0] ?? '', 'photo.tif'), 'pixels');
    await Scratch.open(dir);
    expect((await readdir(dir)).sort()).toEqual(['somebody-elses', names[2]].sort());
  });

  it('removes a folder with its contents', async () => {
    const folder = await (await Scratch.open(join(dir, 'made', 'here'))).folder(1);
    await writeFile(folder.file('photo.tif'), 'pixels');
    await folder.remove();
    expect(await readdir(join(dir, 'made', 'here'))).toEqual([]);
  });

  it('refuses a folder when the disk is too full', async () => {
    const scratch = await Scratch.open(dir);
    await expect(scratch.folder(Number.MAX_SAFE_INTEGER)).rejects.toMatchObject({
      code: 'DISK_FULL',
    });
    expect(await readdir(dir)).toEqual([]);
  });
});

describe('isDiskFull', () => {
  it.each([
    [Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }), true],
    [new Error('It failed.', { cause: new Error('write error: No space left on device') }), true],
    [new Error('VipsJpeg: premature end of JPEG image'), false],
    ['no error at all', false],
  ])('reads %s', (error, expected) => {
    expect(isDiskFull(error)).toBe(expected);
    expect(diskFull(error).message).toContain('disk');
  });
});
