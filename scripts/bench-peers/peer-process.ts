import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { timedRuns } from './timed-runs.js';

/** A network ready to run on one photograph. */
export interface Network {
  /** Engine and version, for display. */
  engine: string;
  /** One run; the result stays in this process's memory. */
  run: () => unknown;
  /** The result of a run as planes of float32. */
  planes(): Promise<Float32Array>;
}

/**
 * The child's side of `Peer`: one JSON value per line. Sends `{engine}`, then answers `{runs}` with
 * `{times}` in milliseconds and `{save}` with `{saved}`. An error ends the process.
 */
export async function serveNetwork(network: Network): Promise<void> {
  const say = (value: unknown) => process.stdout.write(`${JSON.stringify(value)}\n`);
  say({ engine: network.engine });
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line) as { runs: number } | { save: string };
    if ('save' in request) {
      writeFileSync(request.save, await network.planes());
      say({ saved: true });
      continue;
    }
    say({ times: await timedRuns(network.run, request.runs) });
  }
}
