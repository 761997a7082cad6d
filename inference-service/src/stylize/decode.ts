import { decoding, type ImageLimits, openImage, type Size } from '@stylizer/common';
import sharp, { type OutputInfo, type Sharp } from 'sharp';
import { type Pixels, STYLE_SIDE } from '../engine/engine.js';

/**
 * The picture upright, in sRGB, at `size` (Lanczos). Call only after `inspectImage`.
 *
 * @throws ImageRejected when it cannot be decoded.
 */
export async function decodePicture(
  bytes: Buffer,
  size: Size,
  limits: ImageLimits,
): Promise<Pixels> {
  const picture = openImage(bytes, limits).resize({ ...size, fit: 'fill', kernel: 'lanczos3' });
  return raw(decoding(picture.raw().toBuffer({ resolveWithObject: true })));
}

/**
 * As {@link decodePicture}, to an uncompressed TIFF: libvips writes it as it reads, where the format
 * allows, and holds a few rows.
 *
 * @throws ImageRejected when it cannot be decoded.
 */
export async function decodeToTiff(
  bytes: Buffer,
  size: Size,
  limits: ImageLimits,
  path: string,
): Promise<void> {
  const picture = openImage(bytes, limits).resize({ ...size, fit: 'fill', kernel: 'lanczos3' });
  await decoding(picture.tiff({ compression: 'none' }).toFile(path));
}

/**
 * The centre square of a style picture at the size that the style encoder takes.
 *
 * @throws ImageRejected when it cannot be decoded.
 */
export async function decodeStyle(bytes: Buffer, limits: ImageLimits): Promise<Pixels> {
  const picture = openImage(bytes, limits).resize(STYLE_SIDE, STYLE_SIDE, { fit: 'cover' });
  return raw(decoding(picture.raw().toBuffer({ resolveWithObject: true })));
}

/** As {@link decodeStyle}, of a picture that is decoded already. */
export function centreSquare({ data, width, height }: Pixels): Promise<Pixels> {
  return square(sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false }));
}

/** As {@link centreSquare}, of a TIFF that {@link decodeToTiff} wrote. */
export function centreSquareOf(path: string): Promise<Pixels> {
  return square(sharp(path, { limitInputPixels: false }));
}

function square(picture: Sharp): Promise<Pixels> {
  const resized = picture.resize(STYLE_SIDE, STYLE_SIDE, { fit: 'cover' });
  return raw(resized.raw().toBuffer({ resolveWithObject: true }));
}

async function raw(work: Promise<{ data: Buffer; info: OutputInfo }>): Promise<Pixels> {
  const { data, info } = await work;
  if (info.channels !== 3) throw new Error(`Expected 3 channels, not ${info.channels}.`);
  const pixels = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return { data: pixels, width: info.width, height: info.height };
}
