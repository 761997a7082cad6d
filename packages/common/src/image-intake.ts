import sharp, { type Metadata, type Sharp } from 'sharp';

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
}

export interface ImageFacts {
  format: ImageFormat;
  /** Pixels, after the EXIF orientation has been applied. */
  width: number;
  height: number;
}

/** Shorter than this on either side and the network's three strided convolutions have no ground. */
export const MIN_SIDE = 16;

export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'heif' | 'gif' | 'tiff';

const ACCEPTED = 'Send a JPEG, PNG, WebP, AVIF, GIF or TIFF picture.';

/** AVIF cannot be decoded in strips: 25 megapixels already take half a gigabyte. */
const MAX_HEIF_PIXELS = 25_000_000;

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

/** The format that the first bytes promise; what a client declares is not asked. */
export function sniffFormat(head: Uint8Array): ImageFormat | undefined {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, 16));
  const ascii = bytes.toString('latin1');
  if (bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff]))) return 'jpeg';
  if (ascii.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (ascii.startsWith('RIFF') && ascii.slice(8, 12) === 'WEBP') return 'webp';
  if (ascii.startsWith('GIF87a') || ascii.startsWith('GIF89a')) return 'gif';
  if (ascii.startsWith('II*\0') || ascii.startsWith('MM\0*')) return 'tiff';
  if (/^(avif|avis|heic|heix|mif1|msf1)$/.test(ascii.slice(8, 12)) && ascii.slice(4, 8) === 'ftyp')
    return 'heif';
  return undefined;
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

  let metadata: Metadata;
  try {
    metadata = await sharp(bytes, { limitInputPixels: false }).metadata();
  } catch (cause) {
    throw unreadable(cause);
  }
  const { width, height } = metadata.autoOrient;
  const maxPixels =
    format === 'heif' ? Math.min(MAX_HEIF_PIXELS, limits.maxPixels) : limits.maxPixels;
  if (width * height > maxPixels) {
    throw new ImageRejected(
      'IMAGE_TOO_LARGE',
      `The image has ${width} x ${height} pixels; at most ${maxPixels / 1e6} megapixels are taken.`,
    );
  }
  if (Math.min(width, height) < MIN_SIDE) {
    throw new ImageRejected(
      'IMAGE_TOO_SMALL',
      `The image has ${width} x ${height} pixels; each side must have at least ${MIN_SIDE}.`,
    );
  }
  return { format, width, height };
}

/**
 * A sharp pipeline that gives the picture as people mean it: first frame, upright, 8-bit sRGB,
 * three channels, transparency over white, no metadata. Call only after {@link inspectImage}, and
 * run what it returns through {@link decoding}.
 */
export function openImage(bytes: Buffer, limits: ImageLimits): Sharp {
  return sharp(bytes, { limitInputPixels: limits.maxPixels, failOn: 'error', pages: 1 })
    .autoOrient()
    .flatten({ background: '#ffffff' })
    .toColourspace('srgb');
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
  return /unsupported|not.*built.*support|no decoding plugin/i.test(reason)
    ? new ImageRejected('UNSUPPORTED_IMAGE', `This kind of image is not taken. ${ACCEPTED}`, {
        cause,
      })
    : new ImageRejected(
        'IMAGE_UNREADABLE',
        'The image is damaged or incomplete: it could not be decoded.',
        { cause },
      );
}
