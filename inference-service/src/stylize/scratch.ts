import { mkdir, mkdtemp, readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { ServiceError } from '../errors.js';

const NAME = /^stylizer-inference-(\d+)-/;

/** Disk space kept free. */
const RESERVE_BYTES = 50_000_000;

/** Temporary files of large images: one folder per job, deleted when the job ends. */
export class Scratch {
  private constructor(private readonly dir: string) {}

  /** Removes leftovers of killed processes. */
  static async open(dir: string): Promise<Scratch> {
    await mkdir(dir, { recursive: true });
    for (const name of await readdir(dir)) {
      const pid = Number(NAME.exec(name)?.[1] ?? NaN);
      if (pid === process.pid || isGone(pid))
        await rm(join(dir, name), { recursive: true, force: true });
    }
    return new Scratch(dir);
  }

  /**
   * @param bytes the most that the job will store at once
   * @throws ServiceError `DISK_FULL`
   */
  async folder(bytes: number): Promise<ScratchFolder> {
    const { bavail, bsize } = await statfs(this.dir);
    if (bavail * bsize < bytes + RESERVE_BYTES) throw diskFull();
    return new ScratchFolder(await mkdtemp(join(this.dir, `stylizer-inference-${process.pid}-`)));
  }
}

export class ScratchFolder {
  constructor(private readonly dir: string) {}

  file(name: string): string {
    return join(this.dir, name);
  }

  remove(): Promise<void> {
    return rm(this.dir, { recursive: true, force: true });
  }
}

/** Also matches libvips' messages, which carry no error code. */
export function isDiskFull(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause)
    if (/ENOSPC|no space left|write error|EDQUOT/i.test(at.message)) return true;
  return false;
}

export function diskFull(cause?: unknown): ServiceError {
  const message =
    'The service has too little disk space for an image of this size; try again later.';
  return new ServiceError('DISK_FULL', message, { cause });
}

/** Whether no process with this id exists; false for NaN, a folder that is not ours. */
function isGone(pid: number): boolean {
  if (Number.isNaN(pid)) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}
