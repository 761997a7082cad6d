import type { Engine, Pixels } from '../engine/engine.js';
import { mixPhoto } from './blend.js';
import { keepColours } from './colour.js';
import type { Look, StylizeTask, Task, TaskResult, TaskResults } from './task.js';

/**
 * Runs tasks on an engine, on the thread it is called on: one, or several of kind `stylize` whose
 * pictures have one size and which all bring statistics, or none.
 */
export async function runTasks(
  engine: Engine,
  [first, ...more]: readonly [Task, ...Task[]],
): Promise<TaskResults[keyof TaskResults][]> {
  switch (first.kind) {
    case 'encode':
      return [await engine.encode(first.picture)];
    case 'statistics':
      return [await engine.statistics(first.crops, first.code)];
    case 'stylize': {
      const batch = [first, ...(more as StylizeTask[])];
      const photos = batch.map(({ content, look }) =>
        look.preserveColors || look.photoShare > 0
          ? { ...content, data: content.data.slice() }
          : content,
      );
      const styled = await engine.stylize(batch);
      batch.forEach(({ look }, index) => finish(styled[index]!, photos[index]!, look));
      return styled;
    }
  }
}

export async function runTask<T extends Task>(engine: Engine, task: T): Promise<TaskResult<T>> {
  const [result] = await runTasks(engine, [task]);
  return result as TaskResult<T>;
}

function finish(styled: Pixels, photo: Pixels, look: Look): void {
  if (look.preserveColors) keepColours(styled, photo);
  if (look.photoShare > 0) mixPhoto(styled, photo, look.photoShare);
}
