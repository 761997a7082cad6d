import { decoding, type ImageLimits, inspectImage, openImage } from '@stylizer/common';
import sharp from 'sharp';
import { decodingTurns } from '../../uploads/decoding-turns.js';

/** Of the square that is sent on, in pixels at most; twice what the encoder looks at. */
const SIDE = 512;

/**
 * The centre square of a style picture as a JPEG, which is all that the encoder looks at. The
 * picture is decoded whole, so that it is refused for what a photograph would be refused for.
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
