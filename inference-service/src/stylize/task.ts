import type { Engine, Pixels, Run, Statistics, StyleCode } from '../engine/engine.js';
import { mixPhoto } from './blend.js';
import { preserveColors } from './preserve-colors.js';

/** How much of the photo goes into the stylized image. */
export interface Look {
  preserveColors: boolean;
  /** Share of the photo's own pixels in the result, 0..1. */
  photoShare: number;
}

export interface StylizeTask extends Run {
  kind: 'stylize';
  look: Look;
}

/** One run of the network, pixels in and pixels out. Images have a size that the network takes. */
export type Task =
  | { kind: 'encode'; image: Pixels }
  | { kind: 'statistics'; crops: Pixels[]; code: StyleCode }
  | StylizeTask;

/** One task, or several of kind `stylize` that the engine can run as a batch. */
export type Batch = readonly [Task, ...Task[]];

interface TaskResults {
  encode: StyleCode;
  statistics: Statistics;
  stylize: Pixels;
}

export type TaskResult<T extends Task> = TaskResults[T['kind']];

export type Result = TaskResult<Task>;

/** Runs tasks: on a thread of the pool, or in tests on an engine. */
export interface TaskRunner {
  /** How many tasks run at once. */
  readonly size: number;
  /**
   * The task's pixel buffers are transferred: they cannot be read afterwards.
   *
   * @throws ClientGone when `signal` fires before the task begins.
   * @throws ServiceError when the thread dies or the network fails.
   */
  run<T extends Task>(task: T, signal: AbortSignal): Promise<Ran<T>>;
}

export interface Ran<T extends Task> {
  result: TaskResult<T>;
  /** Milliseconds from the call to the beginning of the run. */
  waitedMs: number;
  /** Milliseconds on the thread; of a batch, this task's share. */
  ranMs: number;
}

/** A runner for one image: passes on its signal and records its timings. */
export interface ImageRunner {
  readonly size: number;
  run<T extends Task>(task: T): Promise<TaskResult<T>>;
}

/** Runs a batch on an engine, on the calling thread. Images of a batch have one size. */
export async function runTasks(engine: Engine, [first, ...more]: Batch): Promise<Result[]> {
  switch (first.kind) {
    case 'encode':
      return [await engine.encode(first.image)];
    case 'statistics':
      return [await engine.statistics(first.crops, first.code)];
    case 'stylize': {
      const batch = [first, ...(more as StylizeTask[])];
      const photos = batch.map(({ content, look }) =>
        look.preserveColors || look.photoShare > 0
          ? { ...content, data: content.data.slice() }
          : content,
      );
      const stylized = await engine.stylize(batch);
      batch.forEach(({ look }, index) => applyLook(stylized[index]!, photos[index]!, look));
      return stylized;
    }
  }
}

export async function runTask<T extends Task>(engine: Engine, task: T): Promise<TaskResult<T>> {
  const [result] = await runTasks(engine, [task]);
  return result as TaskResult<T>;
}

function applyLook(stylized: Pixels, photo: Pixels, look: Look): void {
  if (look.preserveColors) preserveColors(stylized, photo);
  if (look.photoShare > 0) mixPhoto(stylized, photo, look.photoShare);
}

/** The pixel buffers of tasks or results, to be transferred between threads instead of copied. */
export const transferablesOf = (payload: readonly (Task | Result)[]): ArrayBuffer[] =>
  payload.flatMap((item) => {
    if (item instanceof Float32Array) return [];
    if (!('kind' in item)) return [item.data.buffer];
    switch (item.kind) {
      case 'encode':
        return [item.image.data.buffer];
      case 'statistics':
        return item.crops.map((crop) => crop.data.buffer);
      case 'stylize':
        return [item.content.data.buffer];
    }
  });
