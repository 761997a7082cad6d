import sharp, { type Metadata, type Sharp } from 'sharp';
import { type ImageFormat, sniffFormat } from './image-format.js';
import { structureOf } from './image-structure.js';
import { isStreamable } from './streamable.js';

export type ImageRejectionCode =
  'UNSUPPORTED_IMAGE' | 'IMAGE_TOO_LARGE' | 'IMAGE_TOO_SMALL' | 'IMAGE_UNREADABLE';

/** An image that is refused. `message` is shown to the client. */
export class ImageRejected extends Error {
  override readonly name = 'ImageRejected';
  constructor(
    readonly code: ImageRejectionCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export interface ImageLimits {
  /** File size. */
  maxBytes: number;
  /** Width times height, as declared in the header. */
  maxPixels: number;
  /** The limit for images that are not {@link ImageFacts.streamable}; absent: `maxPixels`. */
  maxWholePixels?: number;
}

export interface ImageFacts {
  format: ImageFormat;
  /** Pixels, after the EXIF orientation has been applied. */
  width: number;
  height: number;
  /** Whether decoding holds only a few rows; otherwise it takes 3 to 9 bytes per pixel. */
  streamable: boolean;
}

/** The network's three strided convolutions need at least this on each side. */
export const MIN_SIDE = 16;

/** libjpeg's limit for writing (JPEG_MAX_DIMENSION). */
export const MAX_SIDE = 65_500;

/** Time limit for a pipeline of {@link openImage}; ten times what a valid image takes. */
export const MAX_DECODE_SECONDS = 20;

const ACCEPTED = 'Send a JPEG, PNG, WebP, AVIF, GIF or TIFF image.';

/** AVIF cannot be decoded in strips: 25 megapixels already take half a gigabyte. */
const MAX_HEIF_PIXELS = 25_000_000;

/**
 * Frames, pages or segments. Decoders keep a record of each, and some scan all of them for each one: 56 MB
 * of empty JPEG segments take 2.5 GB of memory; 10 MB of WebP frames take minutes before the first pixel.
 */
const MAX_PARTS = 10_000;

/**
 * Huffman coding takes at least one bit per 8 x 8 block. libjpeg only warns about missing data and fills it
 * with gray, so a few bytes could decode to 100 megapixels.
 */
const MOST_PIXELS_PER_JPEG_BYTE = 8 * 64;

/** Pixels times scans; a decoder processes about 10^9 per second. Encoders write 10 scans. */
const MAX_SCANNED_PIXELS = 2_500_000_000;

/**
 * Restricts libvips to the formats that we accept, process-wide: SVG, PDF, Magick and others would run far
 * larger parsers on hostile bytes.
 */
export function blockOtherLoaders(): void {
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: [
      'VipsForeignLoadJpeg',
      'VipsForeignLoadPng',
      'VipsForeignLoadWebp',
      'VipsForeignLoadNsgif',
      'VipsForeignLoadHeif',
      'VipsForeignLoadTiff',
    ],
  });
}

/**
 * Checks an image by its header, before any pixel is decoded.
 *
 * @throws ImageRejected for anything that should not be decoded.
 */
export async function inspectImage(bytes: Buffer, limits: ImageLimits): Promise<ImageFacts> {
  if (bytes.length === 0) throw new ImageRejected('IMAGE_UNREADABLE', 'The image is empty.');
  if (bytes.length > limits.maxBytes) throw tooManyBytes(limits);
  const format = sniffFormat(bytes);
  if (!format) throw new ImageRejected('UNSUPPORTED_IMAGE', `This is not an image. ${ACCEPTED}`);

  const { parts, scans } = structureOf(bytes, format, MAX_PARTS);
  if (parts > MAX_PARTS) {
    throw new ImageRejected(
      'IMAGE_TOO_LARGE',
      `The file has more than ${MAX_PARTS} frames, pages or segments.`,
    );
  }

  let metadata: Metadata;
  try {
    metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw unreadable(cause);
  }
  const { width, height } = metadata.autoOrient;
  const facts = { format, width, height, streamable: isStreamable(bytes, format, metadata) };
  requireSize(facts, limits);
  if (format === 'jpeg' && bytes.length * MOST_PIXELS_PER_JPEG_BYTE < width * height)
    throw unreadable(new Error('Fewer bytes than blocks have bits.'));
  if (scans * width * height > MAX_SCANNED_PIXELS) {
    throw tooLarge(facts, `is stored in ${scans} scans. ${INSTEAD}`);
  }
  return facts;
}

function requireSize(facts: ImageFacts, limits: ImageLimits): void {
  const { format, width, height, streamable } = facts;
  const megapixels = (pixels: number) => `${pixels / 1e6} megapixels`;
  const pixels = width * height;
  const maxPixels =
    format === 'heif' ? Math.min(MAX_HEIF_PIXELS, limits.maxPixels) : limits.maxPixels;
  if (Math.min(width, height) < MIN_SIDE) {
    throw new ImageRejected(
      'IMAGE_TOO_SMALL',
      `The image has ${width} x ${height} pixels; each side must have at least ${MIN_SIDE}.`,
    );
  }
  if (pixels > maxPixels) throw tooLarge(facts, `at most ${megapixels(maxPixels)} are taken.`);
  if (Math.max(width, height) > MAX_SIDE)
    throw tooLarge(facts, `no side may have more than ${MAX_SIDE}.`);
  const { maxWholePixels = Infinity } = limits;
  if (!streamable && pixels > maxWholePixels) {
    const most = `at most ${megapixels(maxWholePixels)} are taken of a picture stored like this.`;
    throw tooLarge(facts, `${most} ${INSTEAD}`);
  }
}

const INSTEAD = 'Send it as an upright baseline JPEG, or smaller.';

const tooLarge = ({ width, height }: ImageFacts, why: string): ImageRejected =>
  new ImageRejected('IMAGE_TOO_LARGE', `The image has ${width} x ${height} pixels; ${why}`);

/**
 * A sharp pipeline for the normalized image: first frame, upright, 8-bit sRGB, three channels,
 * transparency over white, no metadata. Call {@link inspectImage} first, and await the result with
 * {@link decoding}. Times out after {@link MAX_DECODE_SECONDS}.
 */
export function openImage(bytes: Buffer, limits: ImageLimits): Sharp {
  return sharp(bytes, { limitInputPixels: limits.maxPixels, failOn: 'error', pages: 1 })
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb')
    .timeout({ seconds: MAX_DECODE_SECONDS });
}

/**
 * Awaits the work of a pipeline from {@link openImage}.
 *
 * @throws ImageRejected when the pixels cannot be decoded.
 */
export async function decoding<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw unreadable(cause);
  }
}

export function tooManyBytes(limits: ImageLimits): ImageRejected {
  const megabytes = Math.floor(limits.maxBytes / 1e6);
  return new ImageRejected('IMAGE_TOO_LARGE', `The image is larger than ${megabytes} MB.`);
}

function unreadable(cause: unknown): ImageRejected {
  const reason = cause instanceof Error ? cause.message : '';
  const options = { cause };
  if (/unsupported|not.*built.*support|no decoding plugin/i.test(reason)) {
    const detail = `This image format is not supported. ${ACCEPTED}`;
    return new ImageRejected('UNSUPPORTED_IMAGE', detail, options);
  }
  const detail = /^timeout/.test(reason)
    ? `The image takes longer than ${MAX_DECODE_SECONDS} seconds to decode.`
    : 'The image is damaged or incomplete: it could not be decoded.';
  return new ImageRejected('IMAGE_UNREADABLE', detail, options);
}
