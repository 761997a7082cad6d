// Loaded into a service before its own code. Its standard input is a pipe that only the process
// that started it holds open, so the end of it says that this one is gone, also by kill -9.
import { isMainThread } from 'node:worker_threads';

const GRACE_MS = 15_000;

// A worker thread loads this too, with a standard input that has ended from the start.
if (isMainThread) {
  process.stdin.once('end', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
  });
  process.stdin.resume();
  process.stdin.unref?.();
}
