import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import sharp from 'sharp';
import { Client } from './run/client.js';
import { ROOT } from './run/settings.js';
import { withSystem } from './run/with-system.js';

const STYLES = ['rhone', 'wheatfield-with-crows', 'great-wave', 'red-figure', 'concentric-circles'];
const COLUMNS = 3;
const PANEL = { width: 512, height: 341 };
const GAP = 8;
/** Small enough for strokes to show in a panel. */
const PAINTED = { width: 768 };

/** The sample and what five styles make of it, through the public API, as one picture. */
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

  const panels = await Promise.all(
    pictures.map(async (picture, index) => ({
      input: await sharp(picture).resize(PANEL).toBuffer(),
      left: (index % COLUMNS) * (PANEL.width + GAP),
      top: Math.floor(index / COLUMNS) * (PANEL.height + GAP),
    })),
  );
  await sharp({
    create: {
      width: COLUMNS * (PANEL.width + GAP) - GAP,
      height: (pictures.length / COLUMNS) * (PANEL.height + GAP) - GAP,
      channels: 3,
      background: '#ffffff',
    },
  })
    .composite(panels)
    .jpeg({ quality: 85 })
    .toFile(join(ROOT, 'assets/gallery.jpg'));
  console.log('wrote assets/gallery.jpg');
}

withSystem(paint);
