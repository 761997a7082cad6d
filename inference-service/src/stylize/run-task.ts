import type { Engine, Planes } from '../engine/engine.js';
import { mixPhoto } from './blend.js';
import { keepColours } from './colour.js';
import { type Pixels, toPixels, toPlanes } from './pixels.js';
import type { Look, Task, TaskResults } from './task.js';

/** Runs one task on an engine, on the thread it is called on. */
export async function runTask(engine: Engine, task: Task): Promise<TaskResults[keyof TaskResults]> {
  switch (task.kind) {
    case 'encode':
      return engine.encode(toPlanes(task.picture));
    case 'stylize': {
      const photo = toPlanes(task.content);
      return finish(await engine.stylize(photo, task.code), photo, task.look);
    }
    case 'statistics':
      return engine.statistics(task.crops.map(toPlanes), task.code);
    case 'tile': {
      const photo = toPlanes(task.content);
      return finish(await engine.tile(photo, task.code, task.statistics), photo, task.look);
    }
  }
}

function finish(styled: Planes, photo: Planes, look: Look): Pixels {
  if (look.preserveColors) keepColours(styled, photo);
  if (look.photoShare > 0) mixPhoto(styled, photo, look.photoShare);
  return toPixels(styled);
}
