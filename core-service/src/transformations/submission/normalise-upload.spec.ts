import { expect, test } from '@jest/globals';
import sharp from 'sharp';
import { normaliseUpload } from './normalise-upload.js';

const limits = { maxBytes: 60_000_000, maxPixels: 100_000_000 };

test('a picture that was decoded whole leaves nothing of it in memory', async () => {
  const progressive = await sharp({
    create: { width: 6_000, height: 6_000, channels: 3, background: '#336699' },
  })
    .jpeg({ progressive: true, chromaSubsampling: '4:4:4' })
    .toBuffer();
  const normalise = () => normaliseUpload(progressive, limits);
  expect(await normalise()).toMatchObject({ width: 6_000, height: 6_000 });
  const before = process.memoryUsage.rss();
  for (let round = 0; round < 4; round++) await normalise();
  // Kept, each would be more than 100 MB.
  expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000);
});
