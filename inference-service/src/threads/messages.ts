import type { EngineOptions } from '../engine/create-engine.js';
import type { Task, TaskResults } from '../stylize/task.js';

/** What a thread is started with. */
export type ThreadData = EngineOptions;

/** One task, or several that the engine runs as a batch. */
export type Batch = readonly [Task, ...Task[]];

export type Result = TaskResults[keyof TaskResults];

export type FromThread =
  | { kind: 'ready'; engine: string; device: string }
  | { kind: 'done'; results: Result[]; ranMs: number }
  | { kind: 'failed'; message: string };

/** The picture buffers of tasks or results: handed over, not copied. */
export const picturesOf = (payload: readonly (Task | Result)[]): ArrayBuffer[] =>
  payload.flatMap((item) => {
    if (item instanceof Float32Array) return [];
    if (!('kind' in item)) return [item.data.buffer];
    switch (item.kind) {
      case 'encode':
        return [item.picture.data.buffer];
      case 'statistics':
        return item.crops.map((crop) => crop.data.buffer);
      case 'stylize':
        return [item.content.data.buffer];
    }
  });
