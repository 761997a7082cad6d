import { randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Region } from 'sharp';
import { Client } from './run/client.js';
import { ROOT } from './run/settings.js';
import { withSystem } from './run/with-system.js';

/** The styles of each scene. */
const SCENES = {
  sample: [
    'starry-night',
    'great-wave',
    'cathedral-glass',
    'poppies',
    'pen-hatching',
    'dusk-low-poly',
  ],
  'still-life': [
    'sunflowers',
    'harbour-watercolour',
    'night-linocut',
    'roman-mosaic',
    'neon-night',
    'confetti-dots',
  ],
};
/** Small enough for strokes to be visible in a panel. */
const PAINTED = { width: 640 };
const PANEL = { width: 352, height: 256 };
const GAP = 8;

/** Stroke scales, and the crop of each image in pixels of the output. */
const STROKE_SCALES = ['0.5', '1', '2', '4'];
const STROKES = { maxSize: '1600', style: 'wheatfield-with-crows' };
const DETAIL: Region = { left: 330, top: 520, width: 512, height: 341 };

/** An image and its position in a grid, in cells. */
interface Panel {
  picture: Buffer | string;
  column: number;
  row: number;
  /** Width and height in cells. */
  cells: number;
}

async function makeGallery(url: string): Promise<void> {
  const scenes = Object.entries(SCENES).map(([scene, styles]) => ({ scene, styles }));
  const panels: Panel[] = [];
  for (const [index, { scene, styles }] of scenes.entries())
    panels.push(...(await panelsOf(await signUp(url), scene, styles, 2 * index)));
  await compose(panels, PANEL, 'assets/gallery.jpg');
  await compose(await strokes(await signUp(url)), DETAIL, 'docs/stroke-scale.jpg');
}

/** A separate account, since the sign-up grant does not pay for everything. */
async function signUp(url: string): Promise<Client> {
  const client = new Client(url);
  const email = `gallery-${randomBytes(5).toString('hex')}@example.com`;
  await client.register(email, randomBytes(18).toString('base64url'));
  return client;
}

/** A large scene, and beside it the scene in six styles, three in a row. */
async function panelsOf(
  client: Client,
  scene: string,
  styles: string[],
  row: number,
): Promise<Panel[]> {
  const file = join(ROOT, `assets/${scene}.jpg`);
  const photo = await sharp(file).resize(PAINTED).jpeg({ quality: 95 }).toBuffer();
  const image = new Blob([new Uint8Array(photo)], { type: 'image/jpeg' });
  const panels: Panel[] = [{ picture: file, column: 0, row, cells: 2 }];
  for (const [index, style] of styles.entries())
    panels.push({
      picture: (await client.stylize(image, style)).jpeg,
      column: 2 + (index % 3),
      row: row + Math.floor(index / 3),
      cells: 1,
    });
  return panels;
}

/** One style at four stroke scales: the same crop of each. */
async function strokes(client: Client): Promise<Panel[]> {
  const { style, maxSize } = STROKES;
  const whole = await openAsBlob(join(ROOT, 'assets/sample.jpg'), { type: 'image/jpeg' });
  const panels: Panel[] = [];
  for (const [index, strokeScale] of STROKE_SCALES.entries()) {
    const { jpeg } = await client.stylize(whole, style, { maxSize, strokeScale });
    const picture = await sharp(jpeg).extract(DETAIL).toBuffer();
    panels.push({ picture, column: index % 2, row: Math.floor(index / 2), cells: 1 });
  }
  return panels;
}

async function compose(
  panels: Panel[],
  cell: { width: number; height: number },
  file: string,
): Promise<void> {
  const span = (cells: number, of: number) => cells * (of + GAP) - GAP;
  const columns = Math.max(...panels.map(({ column, cells }) => column + cells));
  const rows = Math.max(...panels.map(({ row, cells }) => row + cells));
  const placed = panels.map(async ({ picture, column, row, cells }) => ({
    input: await sharp(picture)
      .resize(span(cells, cell.width), span(cells, cell.height))
      .toBuffer(),
    left: column * (cell.width + GAP),
    top: row * (cell.height + GAP),
  }));
  await sharp({
    create: {
      width: span(columns, cell.width),
      height: span(rows, cell.height),
      channels: 3,
      background: '#ffffff',
    },
  })
    .composite(await Promise.all(placed))
    .jpeg({ quality: 85 })
    .toFile(join(ROOT, file));
  console.log(`wrote ${file}`);
}

withSystem(makeGallery);
