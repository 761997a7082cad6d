import { join } from 'node:path';
import sharp from 'sharp';
import { writeBenchmarks } from './bench/benchmarks-page.js';
import {
  latency,
  networkAlone,
  reads,
  RUNS,
  throughput,
  wholeRequests,
} from './bench/measurements.js';
import { machine, writtenBy } from './bench/provenance.js';
import { startBenchSystem } from './bench/system.js';
import { Client } from './run/client.js';
import { memoryOf } from './run/memory.js';
import { Plain, ROOT } from './run/settings.js';

const SIZES = [256, 512, 1024] as const;
const CLIENTS = [1, 2, 4, 8] as const;
const LARGE = [
  { width: 4096, height: 2160, runs: 3 },
  { width: 10_000, height: 10_000, runs: 1 },
] as const;

const say = (text: string) => process.stderr.write(`${text}\n`);
const ms = (value: number) => `${value.toFixed(1)} ms`;

async function photoOf(width: number, height: number): Promise<Blob> {
  const photo = sharp(join(ROOT, 'assets/sample.jpg')).resize(width, height, { fit: 'cover' });
  return new Blob([new Uint8Array(await photo.jpeg({ quality: 90 }).toBuffer())]);
}

say('the network alone');
const alone = await networkAlone(SIZES);
const images = new Map<number, Buffer>();
for (const size of SIZES)
  images.set(
    size,
    await sharp(join(ROOT, 'assets/sample.jpg'))
      .resize(size, size)
      .jpeg({ quality: 90 })
      .toBuffer(),
  );

const system = await startBenchSystem();
try {
  const idle = { inference: memoryOf(system.pids.inference), core: memoryOf(system.pids.core) };
  const customer = new Client(system.coreUrl);
  await customer.register('bench@example.com', 'a long enough password');
  system.grant('bench@example.com', 1_000_000);
  const style = (await customer.styles())[0]?.id ?? '';
  const image = (size: number) => new Blob([new Uint8Array(images.get(size) ?? [])]);

  // First, so that the peak memory is theirs.
  const large: string[] = [];
  for (const { width, height, runs } of LARGE) {
    say(`whole request at ${width} x ${height}`);
    const photo = await photoOf(width, height);
    const { totalP50, networkP50 } = await wholeRequests(customer, photo, style, runs);
    const { peak } = memoryOf(system.pids.inference);
    large.push(
      `| ${width} x ${height} | ${(networkP50 / 1000).toFixed(1)} s | ${(totalP50 / 1000).toFixed(1)} s | ${peak} MB |`,
    );
  }
  const lines: string[] = [];
  let submitToStart = Number.NaN;
  for (const size of SIZES) {
    say(`whole request at ${size}`);
    const result = await latency(customer, image(size), style);
    if (size === 512) submitToStart = result.submitToStartP50;
    lines.push(
      `| ${size} x ${size} | ${ms(alone.get(size) ?? Number.NaN)} | ${ms(result.networkP50)} | ${ms(result.totalP50)} | ${ms(result.totalP95)} | ${ms(result.overheadP50)} |`,
    );
  }
  const clients: string[] = [];
  for (const count of CLIENTS) {
    say(`throughput with ${count} clients`);
    const { imagesPerSecond, p50, p95 } = await throughput(customer, image(512), style, count);
    clients.push(`| ${count} | ${imagesPerSecond.toFixed(1)} | ${ms(p50)} | ${ms(p95)} |`);
  }
  say('reads');
  const readRate = await reads(customer, `${system.coreUrl}/v1/tokens/balance`);
  const peak = { inference: memoryOf(system.pids.inference), core: memoryOf(system.pids.core) };

  const report = `${writtenBy('make bench')}

- ${machine()}
- Everything runs on this machine: PostgreSQL (syncing to disk), the inference service, the core service with its worker, and the measuring client.
- Every figure is the median of ${RUNS} runs. Image: \`assets/sample.jpg\`, cut to a square.

## One client

The network alone is ONNX Runtime in a separate process; the other columns are \`POST /v1/transformations\` with \`Accept: image/jpeg\`.

| Picture | Network alone, p50 | Network in the service, p50 | Whole request, p50 | Whole request, p95 | Request less network, p50 |
| --- | --- | --- | --- | --- | --- |
${lines.join('\n')}

From the hold to the start of the job, at 512 x 512 (p50): ${ms(submitToStart)}.

## Many clients, 512 x 512

| Clients | Images a second | p50 | p95 |
| --- | --- | --- | --- |
${clients.join('\n')}

## Large images

In tiles, one client with one request; the median of 3 at 4096 x 2160, one at 100 megapixels. Memory is the peak of the inference service since its start; these were its first images.

| Picture | Network in the service | Whole request | Highest memory |
| --- | --- | --- | --- |
${large.join('\n')}

## A route without the network

\`GET /v1/tokens/balance\` (checks a token and reads a row), 32 connections: ${Math.round(readRate)} requests a second.

## Memory

Resident memory in MB: idle after startup, and the peak during all of the above.

| Process | Idle | Peak |
| --- | --- | --- |
| inference | ${idle.inference.now} | ${peak.inference.peak} |
| core (api and worker) | ${idle.core.now} | ${peak.core.peak} |
`;
  await writeBenchmarks('make bench', report);
  say(report);
} catch (error) {
  say(error instanceof Plain ? error.message : String((error as Error).stack));
  process.exitCode = 1;
} finally {
  await system.stop();
}
