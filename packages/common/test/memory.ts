import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Runs `work` and gives how far this process's resident memory rose above where it stood, at its
 * highest, in bytes; 0 where the system does not tell (Linux does).
 */
export async function peakGrowth<T>(work: () => Promise<T>): Promise<{ result: T; bytes: number }> {
  try {
    // Sets the high-water mark back to what is resident now: proc(5), clear_refs.
    writeFileSync('/proc/self/clear_refs', '5');
  } catch {
    return { result: await work(), bytes: 0 };
  }
  const before = resident('VmRSS');
  const result = await work();
  return { result, bytes: resident('VmHWM') - before };
}

const resident = (field: string): number =>
  1024 *
  Number(new RegExp(`${field}:\\s+(\\d+)`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
