import { randomBytes } from 'node:crypto';
import { existsSync, openAsBlob } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Plain, ROOT } from '../run/settings.js';
import { Client, type Style, type Stylized, type Timing } from '../run/client.js';
import { table } from './table.js';

/** Styles that differ most in colour and stroke. */
const FAVOURITES = ['starry-night', 'cathedral-glass', 'pen-hatching'];

/** From sign-up to three stylized images and their cost, through the public API. */
export async function show(baseUrl: string): Promise<void> {
  const sample = join(ROOT, 'assets', 'sample.jpg');
  if (!existsSync(sample))
    throw new Plain('assets/sample.jpg is missing: git checkout assets/sample.jpg');
  const client = new Client(baseUrl);

  const email = `demo-${randomBytes(5).toString('hex')}@example.com`;
  await client.register(email, randomBytes(18).toString('base64url'));
  console.log(`\nRegistered ${email}: ${(await client.balance()).available} tokens`);

  const catalogue = await client.styles();
  const chosen = three(catalogue);
  console.log(
    `${catalogue.length} styles available; stylizing assets/sample.jpg in ${chosen.length}\n`,
  );

  const folder = join(ROOT, 'out');
  await mkdir(folder, { recursive: true });
  const image = await openAsBlob(sample, { type: 'image/jpeg' });
  const rows: (string | number)[][] = [];
  for (const style of chosen) {
    const result = await client.stylize(image, style.id);
    await writeFile(join(folder, `${style.id}.jpg`), result.jpeg);
    rows.push(timingRow(style, result, await client.timing(result.id)));
  }
  console.log(table(['Style', 'File', 'KB', 'Tokens', 'Total ms', 'Of which ms'], rows));

  const entries = await client.ledger();
  console.log('\nThe ledger:\n');
  console.log(
    table(
      ['Time (UTC)', 'Kind', 'Amount', 'Balance', 'Description'],
      entries.map((entry) => [
        entry.createdAt.slice(11, 23),
        entry.kind,
        entry.amount,
        entry.balanceAfter,
        entry.description,
      ]),
    ),
  );
  const { available, held } = await client.balance();
  console.log(`\nBalance: ${available} tokens available, ${held} held\n`);
}

function timingRow(style: Style, result: Stylized, timing: Timing): (string | number)[] {
  return [
    style.name,
    `out/${style.id}.jpg`,
    Math.round(result.jpeg.length / 1024),
    result.charged,
    Math.round(result.totalMs),
    [
      ...(timing.queuedMs === null ? [] : [`queue ${timing.queuedMs}`]),
      ...(timing.inferenceMs === null ? [] : [`inference ${Math.round(timing.inferenceMs)}`]),
      ...(result.serverTiming ? [readableTiming(result.serverTiming)] : []),
    ].join(', '),
  ];
}

/** `decode;dur=12.3, infer;dur=400` as `decode 12, infer 400`. */
function readableTiming(header: string): string {
  return header
    .split(',')
    .map((part) => {
      const [name, ...fields] = part.trim().split(';');
      const duration = fields.find((field) => field.startsWith('dur='))?.slice(4);
      return duration === undefined ? name : `${name} ${Math.round(Number(duration))}`;
    })
    .join(', ');
}

/** @throws Plain when the service has no styles. */
function three(catalogue: Style[]): Style[] {
  const favourites = catalogue.filter(({ id }) => FAVOURITES.includes(id));
  if (favourites.length === FAVOURITES.length) return favourites;
  const spread = [0, Math.floor(catalogue.length / 2), catalogue.length - 1];
  const chosen = [...new Set(spread)].flatMap((index) => catalogue[index] ?? []);
  if (chosen.length === 0) throw new Plain('The service has no styles.');
  return chosen;
}
