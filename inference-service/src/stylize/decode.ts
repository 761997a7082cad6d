import { decoding, type ImageLimits, openImage, type Size } from '@stylizer/common';
import sharp, { type OutputInfo } from 'sharp';
import { STYLE_SIDE } from '../engine/engine.js';
import type { Pixels } from './pixels.js';

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
 * The centre square of a style picture at the size that the style encoder takes.
 *
 * @throws ImageRejected when it cannot be decoded.
 */
export async function decodeStyle(bytes: Buffer, limits: ImageLimits): Promise<Pixels> {
  const picture = openImage(bytes, limits).resize(STYLE_SIDE, STYLE_SIDE, { fit: 'cover' });
  return raw(decoding(picture.raw().toBuffer({ resolveWithObject: true })));
}

/** As {@link decodeStyle}, of a picture that is decoded already. */
export async function centreSquare({ data, width, height }: Pixels): Promise<Pixels> {
  const picture = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  const square = picture.resize(STYLE_SIDE, STYLE_SIDE, { fit: 'cover' });
  return raw(square.raw().toBuffer({ resolveWithObject: true }));
}

async function raw(work: Promise<{ data: Buffer; info: OutputInfo }>): Promise<Pixels> {
  const { data, info } = await work;
  if (info.channels !== 3) throw new Error(`Expected 3 channels, not ${info.channels}.`);
  const pixels = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return { data: pixels, width: info.width, height: info.height };
}
