import {
  decoding,
  type ImageLimits,
  inspectImage,
  openImage,
  type Size,
  tooManyBytes,
} from '@stylizer/common';
import { decodingTurns } from '../../uploads/decoding-turns.js';

/** The first whose output fits the limit on bytes, which the inference service has too. */
const ENCODINGS = [
  { quality: 95, chromaSubsampling: '4:4:4' },
  { quality: 90, chromaSubsampling: '4:2:0' },
  { quality: 75, chromaSubsampling: '4:2:0' },
  { quality: 50, chromaSubsampling: '4:2:0' },
] as const;

export interface NormalisedImage extends Size {
  jpeg: Buffer;
}

/**
 * The upload as we store it: decoded and encoded again, upright, sRGB, without metadata or anything
 * else that the file contained.
 *
 * @throws ImageRejected
 */
export async function normaliseUpload(
  bytes: Buffer,
  limits: ImageLimits,
): Promise<NormalisedImage> {
  const facts = await inspectImage(bytes, limits);
  return decodingTurns.run(facts, () => reencode(bytes, facts, limits));
}

async function reencode(
  bytes: Buffer,
  { width, height }: Size,
  limits: ImageLimits,
): Promise<NormalisedImage> {
  for (const encoding of ENCODINGS) {
    const jpeg = await decoding(
      openImage(bytes, limits)
        .jpeg({ ...encoding, optimiseCoding: false })
        .toBuffer(),
    );
    if (jpeg.length <= limits.maxBytes) return { jpeg, width, height };
  }
  throw tooManyBytes(limits);
}
