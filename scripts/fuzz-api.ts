import sharp from 'sharp';
import { table } from './demo/table.js';
import { campaign, type Report, slopeOf } from './fuzz-api/campaign.js';
import { withSystem } from './run/with-system.js';

const number = (name: string, otherwise: number): number => {
  const value = Number(process.env[name] || otherwise);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new Error(`${name} must be a whole number.`);
};

const requests = number('FUZZ_REQUESTS', 100_000);
const seed = number('FUZZ_SEED', 20_261_129);
const only = process.env.FUZZ_CASE ? number('FUZZ_CASE', 0) : undefined;
/** Allowed growth in MB for every 10,000 requests, after the first third. */
const growth = number('FUZZ_MEMORY_MB', 10);

// A system that is started for this refuses nothing for being asked often, so that requests reach what is behind.
for (const name of [
  ...['REGISTER_PER_MINUTE', 'REGISTER_NETWORK_PER_MINUTE', 'AUTH_PER_MINUTE', 'LOGIN_FAILURES'],
  ...['SUBMIT_PER_MINUTE', 'API_PER_MINUTE'],
])
  process.env[`RATE_LIMIT_${name}`] ||= '1000000';
process.env.LOG_LEVEL ||= 'error';
process.env.BCRYPT_COST ||= '4';

withSystem(async (url) => {
  const image = await sharp({
    create: { width: 16, height: 16, channels: 3, background: '#963' },
  })
    .png()
    .toBuffer();
  console.log(`${only === undefined ? `${requests} requests` : `request ${only}`}, seed ${seed}`);
  const report = await campaign({
    ...{ url, seed, requests, image, only, memory },
    onProgress: (done) => {
      if (done % 5_000 === 0) console.log(`${done}…`);
    },
  });
  const slope = slopeOf(report.memory) * 10;
  summarise(report, slope);
  const grew = requests >= 10_000 && slope > growth;
  if (grew) console.error(`\nThe memory grows by ${slope.toFixed(1)} MB per 10,000 requests.`);
  for (const { index, request, what } of report.findings.slice(0, 50))
    console.error(`\nrequest ${index}, ${request}\n  ${what}`);
  if (report.findings.length > 0 || grew) {
    console.error('\nRun FUZZ_CASE=… make fuzz-api to repeat one.');
    throw new Error(`${report.findings.length} findings`);
  }
});

/** Resident memory of the core service, from its metrics. */
async function memory(): Promise<number | undefined> {
  const answer = await fetch(`http://127.0.0.1:${process.env.METRICS_PORT || 9464}/metrics`).catch(
    () => undefined,
  );
  const bytes = /^process_resident_memory_bytes (\S+)$/m.exec((await answer?.text()) ?? '')?.[1];
  return bytes === undefined ? undefined : Number(bytes) / 2 ** 20;
}

function summarise(
  { statuses, routes, seconds, slowest, memory, findings }: Report,
  slope: number,
) {
  const rows = [...routes].map(([name, { sent, succeeded }]) => [name, sent, succeeded]);
  console.log(`\n${table(['operation', 'sent', 'succeeded'], rows)}\n`);
  const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, n]) => `${status}: ${n}`);
  console.log(`answers: ${counts.join(', ')}`);
  console.log(`${seconds.toFixed(0)} s; slowest ${slowest.ms.toFixed(0)} ms: ${slowest.request}`);
  const [first, last] = [memory.at(Math.floor(memory.length / 3)), memory.at(-1)];
  console.log(
    `memory: ${first?.mb.toFixed(0)} MB after a third, ${last?.mb.toFixed(0)} MB at the end, ` +
      `${slope.toFixed(1)} MB per 10,000 requests`,
  );
  console.log(`findings: ${findings.length}`);
}
