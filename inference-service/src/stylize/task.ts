import type { Pixels, Run, Statistics, StyleCode } from '../engine/engine.js';

/** What is done to the network's picture with the photograph at hand. */
export interface Look {
  preserveColors: boolean;
  /** Of the photograph's own pixels in the result, 0..1. */
  photoShare: number;
}

export interface StylizeTask extends Run {
  kind: 'stylize';
  look: Look;
}

/** One run of the network, pixels in and pixels out. Pictures have a size the network takes. */
export type Task =
  | { kind: 'encode'; picture: Pixels }
  | { kind: 'statistics'; crops: Pixels[]; code: StyleCode }
  | StylizeTask;

export interface TaskResults {
  encode: StyleCode;
  statistics: Statistics;
  stylize: Pixels;
}

export type TaskResult<T extends Task> = TaskResults[T['kind']];

/** Runs tasks somewhere: on a thread of the pool, or in a test's own engine. */
export interface TaskRunner {
  /** How many tasks make progress at once. */
  readonly size: number;
  /**
   * The picture buffers of the task are given away: they cannot be read afterwards.
   *
   * @throws Abandoned when `signal` fires before the task begins.
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
