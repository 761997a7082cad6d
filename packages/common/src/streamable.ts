import type { Metadata } from 'sharp';
import type { ImageFormat } from './image-format.js';
import { TIFF_TAG, TiffDirectories } from './tiff-directory.js';

/** A whole strip or row of tiles is held in memory. */
const MAX_BAND_PIXELS = 4_000_000;

/** None, LZW, Deflate (both numbers) and PackBits are decoded row by row in a strip of any height. */
const TIFF_BY_ROWS = [1, 5, 8, 32_946, 32_773];

/**
 * Whether libvips decodes the image row by row, or at most band by band: no progressive scans, no
 * rotation, no format that is decoded as a whole.
 */
export function isStreamable(bytes: Buffer, format: ImageFormat, metadata: Metadata): boolean {
  const upright = (metadata.orientation ?? 1) === 1;
  switch (format) {
    case 'jpeg':
    case 'png':
      return upright && !metadata.isProgressive;
    case 'tiff':
      return upright && liesInBands(new TiffDirectories(bytes), metadata);
    case 'webp':
    case 'heif':
    case 'gif':
      return false;
  }
}

function liesInBands(directories: TiffDirectories, { width, height }: Metadata): boolean {
  const tileRows = directories.tag(TIFF_TAG.tileLength);
  const rows = tileRows ?? directories.tag(TIFF_TAG.rowsPerStrip) ?? height;
  if (Math.min(rows, height) * width <= MAX_BAND_PIXELS) return true;
  return (
    tileRows === undefined &&
    directories.tag(TIFF_TAG.planarConfiguration) !== 2 &&
    TIFF_BY_ROWS.includes(directories.tag(TIFF_TAG.compression) ?? 1)
  );
}
