import { randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Region } from 'sharp';
import { Client } from './run/client.js';
import { ROOT } from './run/settings.js';
import { withSystem } from './run/with-system.js';

const STYLES = ['rhone', 'wheatfield-with-crows', 'great-wave', 'red-figure', 'concentric-circles'];
const PANEL = { width: 512, height: 341 };
const GAP = 8;
/** Small enough for strokes to show in a panel. */
const PAINTED = { width: 768 };

/** Sizes of the strokes, and what of each picture is shown, in pixels of the output. */
const STROKE_SCALES = ['0.5', '1', '2', '4'];
const STROKES = { maxSize: '1600', style: 'wheatfield-with-crows' };
const DETAIL: Region = { left: 330, top: 520, width: 512, height: 341 };

/** The sample and what five styles make of it, and one style at four sizes of stroke, through the public API. */
async function paint(url: string): Promise<void> {
  const sample = join(ROOT, 'assets/sample.jpg');
  const client = new Client(url);
  await client.register(
    `gallery-${randomBytes(5).toString('hex')}@example.com`,
    randomBytes(18).toString('base64url'),
  );
  const photo = await sharp(sample).resize(PAINTED).jpeg({ quality: 95 }).toBuffer();
  const image = new Blob([new Uint8Array(photo)], { type: 'image/jpeg' });
  const pictures: (Buffer | string)[] = [sample];
  for (const style of STYLES) pictures.push((await client.stylise(image, style)).jpeg);
  const panels = pictures.map((picture) => sharp(picture).resize(PANEL).toBuffer());
  await compose(await Promise.all(panels), 3, 'assets/gallery.jpg');

  const { style, maxSize } = STROKES;
  const whole = await openAsBlob(sample, { type: 'image/jpeg' });
  const details = [];
  for (const strokeScale of STROKE_SCALES) {
    const { jpeg } = await client.stylise(whole, style, { maxSize, strokeScale });
    details.push(await sharp(jpeg).extract(DETAIL).toBuffer());
  }
  await compose(details, 2, 'docs/stroke-scale.jpg');
}

/** Panels side by side, row by row. */
async function compose(panels: Buffer[], columns: number, file: string): Promise<void> {
  await sharp({
    create: {
      width: columns * (PANEL.width + GAP) - GAP,
      height: (panels.length / columns) * (PANEL.height + GAP) - GAP,
      channels: 3,
      background: '#ffffff',
    },
  })
    .composite(
      panels.map((input, index) => ({
        input,
        left: (index % columns) * (PANEL.width + GAP),
        top: Math.floor(index / columns) * (PANEL.height + GAP),
      })),
    )
    .jpeg({ quality: 85 })
    .toFile(join(ROOT, file));
  console.log(`wrote ${file}`);
}

withSystem(paint);
