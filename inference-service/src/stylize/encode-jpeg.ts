import sharp from 'sharp';
import { embedSrgb } from './icc-segment.js';
import type { Pixels } from './pixels.js';

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
 * @param quality 1..100
 */
export async function encodeJpeg(
  { data, width, height }: Pixels,
  quality: number,
): Promise<Buffer> {
  const jpeg = await sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false })
    .withXmp(XMP)
    // Optimised Huffman tables save 5 % of the file and hold the whole picture in memory.
    .jpeg({ quality, chromaSubsampling: '4:4:4', optimiseCoding: false })
    .toBuffer();
  return embedSrgb(jpeg);
}
