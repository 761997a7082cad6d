import type { ImageFormat } from './image-format.js';
import { TIFF_TAG, TiffDirectories } from './tiff-directory.js';

/** Parts of a file, other than pixels, that cost a decoder time and memory. */
export interface ImageStructure {
  /** Segments of a JPEG, chunks of a WebP, frames of a GIF, pages of a TIFF; others: 0. */
  parts: number;
  /** How often a decoder passes over the whole image. */
  scans: number;
}

const START_OF_SCAN = 0xda;
const END_OF_IMAGE = 0xd9;
const TIFF_JPEG = [6, 7];

/**
 * Scans a file's outermost structure without decoding it, as far as it is intact: at most one pass over
 * the bytes (about 60 ms for 60 MB), and no more than `most` parts.
 */
export function structureOf(bytes: Buffer, format: ImageFormat, most: number): ImageStructure {
  switch (format) {
    case 'jpeg':
      return jpegStructure(bytes, most);
    case 'webp':
      return { parts: webpChunks(bytes, most), scans: 1 };
    case 'gif':
      return { parts: gifFrames(bytes, most), scans: 1 };
    case 'tiff':
      return tiffStructure(bytes, most);
    case 'png':
    case 'heif':
      return { parts: 0, scans: 1 };
  }
}

/** Markers in the order libjpeg reads them (ITU-T T.81, annex B), between and after scans too. */
function jpegStructure(bytes: Buffer, most: number): ImageStructure {
  const { length } = bytes;
  let parts = 0;
  let scans = 0;
  for (let at = 2; at < length && parts <= most; at++) {
    if (bytes[at] !== 0xff) continue;
    while (bytes[at + 1] === 0xff) at++;
    const marker = bytes[++at] ?? END_OF_IMAGE;
    if (marker === END_OF_IMAGE) break;
    // Stuffed zeros, restarts and other markers without content.
    if (marker < 0xc0 || (marker >= 0xd0 && marker < END_OF_IMAGE)) continue;
    parts++;
    if (marker === START_OF_SCAN) scans++;
    at += Math.max(2, ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0));
  }
  return { parts, scans: Math.max(1, scans) };
}

/** RIFF chunks: four letters, a length, that many bytes, padded to an even number. */
function webpChunks(bytes: Buffer, most: number): number {
  let chunks = 0;
  for (let at = 12; at + 8 <= bytes.length && chunks <= most; chunks++) {
    const size = bytes.readUInt32LE(at + 4);
    at += 8 + size + (size % 2);
  }
  return chunks;
}

/** GIF89a, appendix B: extensions and frames, each a chain of sub-blocks. */
function gifFrames(bytes: Buffer, most: number): number {
  const { length } = bytes;
  const palette = (flags: number) => (flags & 0x80 ? 3 * (2 << (flags & 7)) : 0);
  let at = 13 + palette(bytes[10] ?? 0);
  let frames = 0;
  while (at < length && frames <= most) {
    const kind = bytes[at];
    if (kind === 0x2c) {
      frames++;
      at += 11 + palette(bytes[at + 9] ?? 0);
    } else if (kind === 0x21) {
      at += 2;
    } else {
      break;
    }
    for (let size = bytes[at]; size; size = bytes[at]) at += 1 + size;
    at++;
  }
  return frames;
}

function tiffStructure(bytes: Buffer, most: number): ImageStructure {
  const directories = new TiffDirectories(bytes);
  const parts = directories.count(most + 1);
  const progressive =
    TIFF_JPEG.includes(directories.tag(TIFF_TAG.compression) ?? 1) &&
    bytes.includes(Buffer.of(0xff, 0xc2));
  // Tiles may share one stream: none has more scans than the file has.
  return { parts, scans: progressive ? occurrences(bytes, Buffer.of(0xff, START_OF_SCAN)) : 1 };
}

function occurrences(bytes: Buffer, pattern: Buffer): number {
  let found = 0;
  for (let at = bytes.indexOf(pattern); at >= 0; at = bytes.indexOf(pattern, at + 2)) found++;
  return found;
}
