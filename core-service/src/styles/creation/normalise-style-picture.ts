import { decoding, type ImageLimits, inspectImage, openImage } from '@stylizer/common';
import sharp from 'sharp';
import { decodingTurns } from '../../uploads/decoding-turns.js';

/** Largest side of the square in pixels; twice what the encoder uses. */
const SIDE = 512;

/**
 * The centre square of a style image as a JPEG, which is all that the encoder uses. The image is decoded
 * whole, so it is refused for the same reasons as a photograph.
 *
 * @throws ImageRejected
 */
export async function normaliseStylePicture(bytes: Buffer, limits: ImageLimits): Promise<Buffer> {
  const facts = await inspectImage(bytes, limits);
  return decodingTurns.run(facts, async () => {
    const { data, info } = await decoding(
      openImage(bytes, limits)
        .resize(SIDE, SIDE, { fit: 'outside', withoutEnlargement: true })
        .raw()
        .toBuffer({ resolveWithObject: true }),
    );
    const { width, height, channels } = info;
    const side = Math.min(width, height);
    return sharp(data, { raw: { width, height, channels }, limitInputPixels: false })
      .resize(side, side, { fit: 'cover' })
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer();
  });
}
