import autocannon from 'autocannon';
import { InferenceSession } from 'onnxruntime-node';
import { availableParallelism } from 'node:os';
import type { Client } from '../run/client.js';
import { feedsOf, OUR_NETWORK, sessionOptions } from './network-call.js';
import { median, percentile } from './statistics.js';

/** Every figure is the median of this many runs. */
export const RUNS = 5;
const REQUESTS_PER_RUN = 12;
const WARM_UP = 5;
const READ_SECONDS = 4;

/** The network in this process, without the service: median milliseconds by size. */
export async function networkAlone(sizes: readonly number[]): Promise<Map<number, number>> {
  const session = await InferenceSession.create(
    OUR_NETWORK,
    sessionOptions(Math.min(4, availableParallelism())),
  );
  const medians = new Map<number, number>();
  for (const size of sizes) {
    const photo = { pixels: new Uint8Array(3 * size * size).fill(128), side: size };
    const feeds = feedsOf(session, photo);
    const times: number[] = [];
    for (let run = -WARM_UP; run < 3 * RUNS; run++) {
      const start = performance.now();
      await session.run(feeds, ['image']);
      if (run >= 0) times.push(performance.now() - start);
    }
    medians.set(size, median(times));
  }
  await session.release();
  return medians;
}

export interface Latency {
  totalP50: number;
  totalP95: number;
  networkP50: number;
  /** Whole request minus the network, per request. */
  overheadP50: number;
  submitToStartP50: number;
}

/** One client with consecutive requests, without warm-up. */
export async function wholeRequests(
  customer: Client,
  image: Blob,
  style: string,
  count: number,
): Promise<Pick<Latency, 'totalP50' | 'networkP50'>> {
  const requests = [];
  for (let i = 0; i < count; i++) {
    const { id, totalMs } = await customer.stylize(image, style);
    const { inferenceMs } = await customer.timing(id);
    requests.push({ totalMs, inferenceMs: inferenceMs ?? NaN });
  }
  return {
    totalP50: median(requests.map(({ totalMs }) => totalMs)),
    networkP50: median(requests.map(({ inferenceMs }) => inferenceMs)),
  };
}

/** One client with consecutive requests. */
export async function latency(customer: Client, image: Blob, style: string): Promise<Latency> {
  for (let i = 0; i < WARM_UP; i++) await customer.stylize(image, style);
  const runs: Latency[] = [];
  for (let run = 0; run < RUNS; run++) {
    const requests = [];
    for (let i = 0; i < REQUESTS_PER_RUN; i++) {
      const { id, totalMs } = await customer.stylize(image, style);
      const { inferenceMs, queuedMs } = await customer.timing(id);
      requests.push({ totalMs, inferenceMs: inferenceMs ?? NaN, queuedMs: queuedMs ?? NaN });
    }
    runs.push({
      totalP50: median(requests.map(({ totalMs }) => totalMs)),
      totalP95: percentile(
        requests.map(({ totalMs }) => totalMs),
        0.95,
      ),
      networkP50: median(requests.map(({ inferenceMs }) => inferenceMs)),
      overheadP50: median(requests.map(({ totalMs, inferenceMs }) => totalMs - inferenceMs)),
      submitToStartP50: median(requests.map(({ queuedMs }) => queuedMs)),
    });
  }
  const of = (key: keyof Latency) => median(runs.map((run) => run[key]));
  return {
    totalP50: of('totalP50'),
    totalP95: of('totalP95'),
    networkP50: of('networkP50'),
    overheadP50: of('overheadP50'),
    submitToStartP50: of('submitToStartP50'),
  };
}

export interface Throughput {
  imagesPerSecond: number;
  p50: number;
  p95: number;
}

/** This many clients, each with one request at a time. */
export async function throughput(
  customer: Client,
  image: Blob,
  style: string,
  clients: number,
): Promise<Throughput> {
  const runs: Throughput[] = [];
  for (let run = 0; run < RUNS; run++) {
    const times: number[] = [];
    let left = 2 * REQUESTS_PER_RUN;
    const start = performance.now();
    const work = async () => {
      while (left-- > 0) times.push((await customer.stylize(image, style)).totalMs);
    };
    await Promise.all(Array.from({ length: clients }, work));
    const seconds = (performance.now() - start) / 1000;
    runs.push({
      imagesPerSecond: times.length / seconds,
      p50: median(times),
      p95: percentile(times, 0.95),
    });
  }
  return {
    imagesPerSecond: median(runs.map(({ imagesPerSecond }) => imagesPerSecond)),
    p50: median(runs.map(({ p50 }) => p50)),
    p95: median(runs.map(({ p95 }) => p95)),
  };
}

/** A route that reads the database and does not use the network: requests per second, none failed. */
export async function reads(customer: Client, url: string): Promise<number> {
  const rates: number[] = [];
  for (let run = -1; run < RUNS; run++) {
    const { requests, non2xx, errors } = await autocannon({
      url,
      connections: 32,
      duration: READ_SECONDS,
      headers: customer.authorization,
    });
    if (non2xx + errors > 0) throw new Error(`${non2xx + errors} reads failed`);
    if (run >= 0) rates.push(requests.average);
  }
  return median(rates);
}
