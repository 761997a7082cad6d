import { ProcessTransformation } from '../../src/transformations/processing/process-transformation.js';
import type { Transformation } from '../../src/transformations/transformation.js';
import { WatchTransformation } from '../../src/transformations/watch-transformation.js';
import type { TestApp } from './test-app.js';

/** Waits for its end by the change feed. */
export async function ended(
  { app }: Pick<TestApp, 'app'>,
  id: string,
  timeoutMs = 25_000,
): Promise<Transformation> {
  const latest = await app.get(WatchTransformation).untilFinal(id, timeoutMs);
  if (!latest?.completedAt) throw new Error(`${id} did not end: ${latest?.status}`);
  return latest;
}

/** One attempt, as a worker makes it. */
export function attempt({ app }: Pick<TestApp, 'app'>, id: string): Promise<void> {
  const { signal } = new AbortController();
  const job = { transformationId: id, requestId: id, traceparent: '', attempt: 1, signal };
  return app.get(ProcessTransformation).process(job);
}

/** Ids of the transformations that have a job in the queue, whatever its state. */
export async function jobs({ dataSource }: Pick<TestApp, 'dataSource'>): Promise<string[]> {
  const rows = await dataSource.query<{ id: string }[]>(
    `SELECT id FROM pgboss.job WHERE name = 'transformations' AND state < 'completed' ORDER BY id`,
  );
  return rows.map(({ id }) => id);
}
