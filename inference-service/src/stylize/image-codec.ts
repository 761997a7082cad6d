import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { decoding, type ImageLimits, openImage, type Size } from '@stylizer/common';
import sharp, { type Sharp } from 'sharp';
import { type Pixels, STYLE_SIDE } from '../engine/engine.js';

const resized = (bytes: Buffer, size: Size, limits: ImageLimits) =>
  openImage(bytes, limits).resize({ ...size, fit: 'fill', kernel: 'lanczos3' });

/**
 * Decodes an upload: upright, sRGB, at `size` (Lanczos). Call `inspectImage` first.
 *
 * @throws ImageRejected when it cannot be decoded.
 */
export const decodeImage = (bytes: Buffer, size: Size, limits: ImageLimits): Promise<Pixels> =>
  toPixels(decoding(raw(resized(bytes, size, limits))));

/**
 * As {@link decodeImage}, to an uncompressed TIFF: where the format allows, libvips writes while it
 * reads and holds a few rows.
 *
 * @throws ImageRejected when it cannot be decoded.
 */
export async function decodeToTiff(
  bytes: Buffer,
  size: Size,
  limits: ImageLimits,
  path: string,
): Promise<void> {
  await decoding(resized(bytes, size, limits).tiff({ compression: 'none' }).toFile(path));
}

/**
 * The center square of a style image, at the size that the style encoder takes.
 *
 * @throws ImageRejected when it cannot be decoded.
 */
export const decodeStyle = (bytes: Buffer, limits: ImageLimits): Promise<Pixels> =>
  toPixels(decoding(raw(styleSquare(openImage(bytes, limits)))));

/** As {@link decodeStyle}, from decoded pixels or a TIFF of {@link decodeToTiff}. */
export const centerSquare = (image: Pixels | string): Promise<Pixels> =>
  toPixels(raw(styleSquare(openDecoded(image))));

const styleSquare = (image: Sharp) => image.resize(STYLE_SIDE, STYLE_SIDE, { fit: 'cover' });

const raw = (image: Sharp) => image.raw().toBuffer({ resolveWithObject: true });

const openDecoded = (image: Pixels | string): Sharp =>
  typeof image === 'string'
    ? sharp(image, { limitInputPixels: false })
    : sharp(image.data, {
        raw: { width: image.width, height: image.height, channels: 3 },
        limitInputPixels: false,
      });

async function toPixels(decoded: ReturnType<typeof raw>): Promise<Pixels> {
  const { data, info } = await decoded;
  if (info.channels !== 3) throw new Error(`Expected 3 channels, not ${info.channels}.`);
  const pixels = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  return { data: pixels, width: info.width, height: info.height };
}

/** A JPG in memory, or streamed from disk. */
export interface Jpeg {
  body: Buffer | Readable;
  bytes: number;
}

/** IPTC's term for an image that a trained model made from another image. */
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
 * A JPEG with full chroma resolution, the sRGB profile, and XMP metadata that says how it was made.
 *
 * @param size of the JPEG; the image is resized to it (Lanczos).
 * @param quality 1..100
 */
export async function encodeJpeg(image: Pixels, size: Size, quality: number): Promise<Jpeg> {
  const jpeg = await toJpeg(openDecoded(image), image, size, quality).toBuffer();
  const at = afterJfif(jpeg);
  const body = Buffer.concat([jpeg.subarray(0, at), await iccSegment(), jpeg.subarray(at)]);
  return { body, bytes: body.length };
}

/**
 * As {@link encodeJpeg}, from a TIFF of size `from`, by way of the file `path`: holds a few rows. Both
 * files may be deleted while the body is read.
 */
export async function encodeTiff(
  tiff: string,
  from: Size,
  size: Size,
  quality: number,
  path: string,
): Promise<Jpeg> {
  await toJpeg(openDecoded(tiff), from, size, quality).toFile(path);
  const file = await open(path);
  const head = Buffer.alloc(MAX_JFIF_BYTES);
  await file.read(head);
  const { size: bytes } = await file.stat();
  const icc = await iccSegment();
  const at = afterJfif(head);
  const chunks = async function* () {
    yield head.subarray(0, at);
    yield icc;
    yield* file.createReadStream({ start: at, autoClose: false });
  };
  const body = Readable.from(chunks(), { objectMode: false });
  // Also when the body is never read.
  body.once('close', () => void file.close());
  return { body, bytes: bytes + icc.length };
}

function toJpeg(image: Sharp, from: Size, { width, height }: Size, quality: number): Sharp {
  const fits = from.width === width && from.height === height;
  return (
    (fits ? image : image.resize({ width, height, fit: 'fill', kernel: 'lanczos3' }))
      .withXmp(XMP)
      // Optimized Huffman tables save 5 % of the file but hold the whole image in memory.
      .jpeg({ quality, chromaSubsampling: '4:4:4', optimiseCoding: false })
  );
}

const START_OF_IMAGE_BYTES = 2;
const APP0 = 0xffe0;
const APP2 = 0xffe2;
/** More than SOI and an APP0 segment take. */
const MAX_JFIF_BYTES = 64;

let profile: Promise<Buffer> | undefined;

/**
 * The sRGB profile as one APP2 segment (ICC.1:2022, annex B.4). Written by hand because libvips would
 * convert every pixel by an identity transform first, which takes longer than the encoding itself.
 */
async function iccSegment(): Promise<Buffer> {
  const icc = await (profile ??= readProfile());
  const header = Buffer.alloc(18);
  header.writeUInt16BE(APP2, 0);
  header.writeUInt16BE(header.length - 2 + icc.length, 2);
  header.write('ICC_PROFILE\0', 4, 'latin1');
  header.set([1, 1], 16);
  return Buffer.concat([header, icc]);
}

/** Where the segment goes: after JFIF's APP0, if there is one. */
function afterJfif(jpeg: Buffer): number {
  const first = START_OF_IMAGE_BYTES;
  return jpeg.readUInt16BE(first) === APP0 ? first + 2 + jpeg.readUInt16BE(first + 2) : first;
}

/** libvips' own sRGB profile, read from an image that embeds it. */
async function readProfile(): Promise<Buffer> {
  const dot = sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } });
  const { icc } = await sharp(await dot.withIccProfile('srgb').jpeg().toBuffer()).metadata();
  if (!icc) throw new Error('libvips returned no sRGB profile.');
  return icc;
}
