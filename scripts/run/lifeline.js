// Loaded into a service before its own code. Its standard input is a pipe that only the parent
// process holds open, so the pipe ends when the parent is gone, even by kill -9.
import { isMainThread } from 'node:worker_threads';

const GRACE_MS = 15_000;

// A worker thread loads this too, with a standard input that is already at its end.
if (isMainThread) {
  process.stdin.once('end', () => {
    process.kill(process.pid, 'SIGTERM');
    setTimeout(() => process.kill(process.pid, 'SIGKILL'), GRACE_MS).unref();
  });
  process.stdin.resume();
  process.stdin.unref?.();
}
