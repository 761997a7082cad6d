export type Stage = 'queue' | 'decode' | 'infer' | 'encode';

export const STAGES: readonly Stage[] = ['queue', 'decode', 'infer', 'encode'];

/** Milliseconds spent on one image, by stage. */
export class Timings {
  private readonly spent = new Map<Stage, number>();

  add(stage: Stage, ms: number): void {
    this.spent.set(stage, this.get(stage) + ms);
  }

  get(stage: Stage): number {
    return this.spent.get(stage) ?? 0;
  }

  async measure<T>(stage: Stage, work: Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await work;
    } finally {
      this.add(stage, performance.now() - began);
    }
  }

  /** As the value of a `Server-Timing` header. */
  toString(): string {
    return STAGES.map((stage) => `${stage};dur=${this.get(stage).toFixed(1)}`).join(', ');
  }
}
