import type { Size } from '@stylizer/common';
import sharp, { type Sharp } from 'sharp';
import type { Pixels } from '../engine/engine.js';
import { embedSrgb } from './icc-segment.js';

/** IPTC's term for a picture that a trained network made out of another picture. */
export const DIGITAL_SOURCE_TYPE =
  'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia';

const XMP = `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
    Iptc4xmpExt:DigitalSourceType="${DIGITAL_SOURCE_TYPE}"/>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>`;

/**
 * A JPEG with full chroma resolution, the sRGB profile, and a note that says how it was made.
 *
 * @param size of the JPEG; the picture is brought to it (Lanczos).
 * @param quality 1..100
 */
export async function encodeJpeg(picture: Pixels, size: Size, quality: number): Promise<Buffer> {
  const { data, width, height } = picture;
  const raw = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
  return embedSrgb(await jpegOf(raw, picture, size, quality).toBuffer());
}

/** As {@link encodeJpeg}, from a TIFF to a file: holds a few rows. Its profile is yet to be embedded. */
export async function encodeTiff(
  path: string,
  from: Size,
  size: Size,
  quality: number,
  jpeg: string,
): Promise<void> {
  await jpegOf(sharp(path, { limitInputPixels: false }), from, size, quality).toFile(jpeg);
}

function jpegOf(picture: Sharp, from: Size, size: Size, quality: number): Sharp {
  const { width, height } = size;
  const fits = from.width === width && from.height === height;
  return (
    (fits ? picture : picture.resize({ width, height, fit: 'fill', kernel: 'lanczos3' }))
      .withXmp(XMP)
      // Optimised Huffman tables save 5 % of the file and hold the whole picture in memory.
      .jpeg({ quality, chromaSubsampling: '4:4:4', optimiseCoding: false })
  );
}
