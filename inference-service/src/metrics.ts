import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { STAGES, type Timings } from './stylize/timings.js';

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

/** Read when metrics are scraped. */
export interface Gauges {
  queued: () => number;
  running: () => number;
  workers: () => number;
  /** Undefined until the network is loaded. */
  device: () => string | undefined;
}

export type Metrics = ReturnType<typeof createMetrics>;

export function createMetrics(gauges: Gauges) {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: 'inference_requests_total',
    help: 'Requests by route and status',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const stages = new Histogram({
    name: 'inference_stage_seconds',
    help: 'Time per image: queue, decode, infer, encode',
    labelNames: ['stage'],
    buckets: SECONDS,
    registers,
  });
  const restarts = new Counter({
    name: 'inference_worker_restarts_total',
    help: 'Inference threads that died and were replaced',
    registers,
  });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  gauge('inference_queue_depth', 'Requests accepted and not yet running', gauges.queued);
  gauge('inference_running', 'Images being processed', gauges.running);
  gauge('inference_workers', 'Inference threads that are up', gauges.workers);

  new Gauge({
    name: 'inference_device_info',
    help: 'What the network runs on: 1 for that device',
    labelNames: ['device'],
    registers,
    collect() {
      this.reset();
      const device = gauges.device();
      if (device) this.set({ device }, 1);
    },
  });

  return {
    registry,
    countRequest: (method: string, route: string, status: number) =>
      requests.inc({ method, route, status: String(status) }),
    countRestart: () => restarts.inc(),
    observe: (timings: Timings) =>
      STAGES.forEach((stage) => stages.observe({ stage }, timings.get(stage) / 1000)),
  };
}
