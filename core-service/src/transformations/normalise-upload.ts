import { availableParallelism } from 'node:os';
import {
  blockOtherLoaders,
  decoding,
  type ImageLimits,
  inspectImage,
  openImage,
  type Size,
} from '@stylizer/common';
import pLimit from 'p-limit';

blockOtherLoaders();

/** Decoding takes a core and, for large pictures, hundreds of megabytes each. */
const limit = pLimit(availableParallelism());

const QUALITY = 95;

export interface NormalisedImage extends Size {
  jpeg: Buffer;
}

/**
 * What was uploaded as we keep it: decoded whole and encoded anew, upright, sRGB, without
 * metadata and without whatever else the file carried.
 *
 * @throws ImageRejected
 */
export function normaliseUpload(bytes: Buffer, limits: ImageLimits): Promise<NormalisedImage> {
  return limit(async () => {
    const { width, height } = await inspectImage(bytes, limits);
    const jpeg = await decoding(
      openImage(bytes, limits)
        .jpeg({ quality: QUALITY, chromaSubsampling: '4:4:4', optimiseCoding: false })
        .toBuffer(),
    );
    return { jpeg, width, height };
  });
}
