/**
 * Cuts assets/scene.jpg, on which custom styles are shown: the part of our own sample that the
 * catalogue's previews show too (inference-service/scripts/make-previews.ts), at the size at which
 * those are made. `npm run scene -w core-service`.
 */
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

/** Boats, lighthouse, town and sky, in pixels of the sample. */
const PART = { left: 110, top: 200, width: 1200, height: 800 };
const STYLED = { width: 576, height: 384 };

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

await sharp(path('../../assets/sample.jpg'))
  .extract(PART)
  .resize(STYLED)
  .jpeg({ quality: 90, chromaSubsampling: '4:4:4', mozjpeg: true })
  .toFile(path('../assets/scene.jpg'));
