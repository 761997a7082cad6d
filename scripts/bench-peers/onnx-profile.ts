import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InferenceSession } from 'onnxruntime-node';
import { feedsOf, type Photo } from '../bench/network-call.js';
import { type ExecutedNode, executedNodes } from './profile.js';

const WARM_UP = 3;

/** A graph's nodes with times over this many runs, from ONNX Runtime's profiler. */
export async function profileGraph(
  graph: string,
  photo: Photo,
  options: InferenceSession.SessionOptions,
  runs: number,
): Promise<ExecutedNode[]> {
  const folder = mkdtempSync(join(tmpdir(), 'stylizer-profile-'));
  try {
    const session = await InferenceSession.create(graph, {
      ...options,
      enableProfiling: true,
      profileFilePrefix: join(folder, 'profile'),
    });
    const feeds = feedsOf(session, photo);
    for (let run = 0; run < WARM_UP + runs; run++)
      await session.run(feeds, session.outputNames.slice(0, 1));
    session.endProfiling();
    await session.release();
    const [file = ''] = readdirSync(folder);
    return executedNodes(readFileSync(join(folder, file), 'utf8'), WARM_UP);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The graph's nodes, unfused and without added channels. */
export const nodesAsWritten = (graph: string, photo: Photo): Promise<ExecutedNode[]> =>
  profileGraph(graph, photo, { graphOptimizationLevel: 'disabled' }, 1);
