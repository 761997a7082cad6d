import util from 'node:util';

/**
 * Puts back what tfjs-node 4.22 calls in `node:util` and Node 23 removed. Its source was mended in
 * April 2025 (https://github.com/tensorflow/tfjs/pull/8425) and not released since.
 */
export function restoreRemovedUtil(): void {
  if ('isNullOrUndefined' in util) return;
  const isNullOrUndefined = (value: unknown) => value === null || value === undefined;
  Object.assign(util, { isNullOrUndefined });
}
