import type { Task, TaskResults } from '../stylize/task.js';

/** What a thread is started with. */
export interface ThreadData {
  modelDir: string;
  /** Cores that one run uses. */
  threads: number;
}

export type FromThread =
  | { kind: 'ready'; engine: string; device: string }
  | { kind: 'done'; result: TaskResults[keyof TaskResults]; ranMs: number }
  | { kind: 'failed'; message: string };

/** The picture buffers of a task or a result: handed over, not copied. */
export function picturesOf(payload: Task | TaskResults[keyof TaskResults]): ArrayBuffer[] {
  if (payload instanceof Float32Array) return [];
  if (!('kind' in payload)) return [payload.data.buffer];
  switch (payload.kind) {
    case 'encode':
      return [payload.picture.data.buffer];
    case 'statistics':
      return payload.crops.map((crop) => crop.data.buffer);
    case 'stylize':
    case 'tile':
      return [payload.content.data.buffer];
  }
}
