import sharp, { type Metadata, type Sharp } from 'sharp';
import { type ImageFormat, sniffFormat } from './image-format.js';
import { structureOf } from './image-structure.js';
import { isStreamable } from './streamable.js';

export type ImageRejectionCode =
  'UNSUPPORTED_IMAGE' | 'IMAGE_TOO_LARGE' | 'IMAGE_TOO_SMALL' | 'IMAGE_UNREADABLE';

/** A picture that is not taken. `message` is meant for the person who sent it. */
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
  /** Of the file. */
  maxBytes: number;
  /** Width times height as declared by the header. */
  maxPixels: number;
  /** The same for pictures that are not {@link ImageFacts.streamable}; absent: no other limit. */
  maxWholePixels?: number;
}

export interface ImageFacts {
  format: ImageFormat;
  /** Pixels, after the EXIF orientation has been applied. */
  width: number;
  height: number;
  /** Whether it can be decoded in the memory of a few rows; else it takes 3 to 9 bytes a pixel. */
  streamable: boolean;
}

/** Shorter than this on either side and the network's three strided convolutions have no ground. */
export const MIN_SIDE = 16;

/** Longer than this and libjpeg (JPEG_MAX_DIMENSION) cannot write it, whatever it was read from. */
export const MAX_SIDE = 65_500;

/** Wall-clock time for what follows from {@link openImage}; ten times what any honest picture takes. */
export const MAX_DECODE_SECONDS = 20;

const ACCEPTED = 'Send a JPEG, PNG, WebP, AVIF, GIF or TIFF picture.';

/** AVIF cannot be decoded in strips: 25 megapixels already take half a gigabyte. */
const MAX_HEIF_PIXELS = 25_000_000;

/**
 * Frames, pages, segments. Decoders keep a record of each and some walk all of them for each: 56 MB
 * of empty JPEG segments take 2.5 GB of memory, 10 MB of WebP frames minutes before the first pixel.
 */
const MAX_PARTS = 10_000;

/**
 * Huffman coding gives each block of 8 x 8 one bit at least. libjpeg itself takes what is missing
 * for grey, with a warning, and would make 100 megapixels of a few bytes.
 */
const MOST_PIXELS_PER_JPEG_BYTE = 8 * 64;

/** Pixels times scans, of which a decoder goes over some 10^9 in a second. Encoders use 10 scans. */
const MAX_SCANNED_PIXELS = 2_500_000_000;

/**
 * Lets libvips load the formats we take and no other (SVG, PDF, Magick, … run far larger parsers
 * on hostile bytes). Process-wide.
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
 * Checks a picture by its header alone, before any pixel is decoded.
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
 * A sharp pipeline that gives the picture as people mean it: first frame, upright, 8-bit sRGB,
 * three channels, transparency over white, no metadata. Call only after {@link inspectImage}, and
 * run what it returns through {@link decoding}. It fails after {@link MAX_DECODE_SECONDS}.
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
    const detail = `This kind of image is not taken. ${ACCEPTED}`;
    return new ImageRejected('UNSUPPORTED_IMAGE', detail, options);
  }
  const detail = /^timeout/.test(reason)
    ? `The image takes longer than ${MAX_DECODE_SECONDS} seconds to decode.`
    : 'The image is damaged or incomplete: it could not be decoded.';
  return new ImageRejected('IMAGE_UNREADABLE', detail, options);
}
