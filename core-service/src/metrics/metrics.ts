import { Injectable } from '@nestjs/common';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds; from a cached read to an image of a hundred megapixels. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900];

/** Every instrument of the core service. Names follow Prometheus' conventions. */
@Injectable()
export class Metrics {
  readonly registry = new Registry();

  readonly requestSeconds = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time to answer a request',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: [this.registry],
  });
  readonly jobSeconds = new Histogram({
    name: 'stylizer_job_duration_seconds',
    help: 'Time a worker spent on a job, by outcome',
    labelNames: ['outcome'],
    buckets: BUCKETS,
    registers: [this.registry],
  });
  readonly inferenceSeconds = new Histogram({
    name: 'stylizer_inference_duration_seconds',
    help: 'Time the network ran for a completed transformation',
    buckets: BUCKETS,
    registers: [this.registry],
  });
  readonly submissions = new Counter({
    name: 'stylizer_submissions_total',
    help: 'Transformations accepted',
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** A gauge that is computed at each scrape, and absent if it cannot be computed. */
  gauge<L extends string>(
    name: string,
    help: string,
    label: L,
    read: () => Promise<Record<string, number>>,
  ): void {
    new Gauge<L>({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      async collect() {
        this.reset();
        // A database outage must not hide the other metrics.
        const counts = await read().catch(() => ({}));
        for (const [value, count] of Object.entries(counts))
          this.set({ [label]: value } as Record<L, string>, count);
      },
    });
  }
}
