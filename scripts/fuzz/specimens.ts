import sharp, { type Sharp } from 'sharp';
import { gifOfFrames, webpOfFrames } from '../../packages/common/test/hostile/animations.js';
import { jpegOfScans } from '../../packages/common/test/hostile/jpeg.js';
import { pngChunk } from '../../packages/common/test/hostile/png.js';
import { tiff, tiffOfPages } from '../../packages/common/test/hostile/tiff.js';
import { Random } from './random.js';

/** A small intact file from which cases are made. */
export interface Specimen {
  kind: string;
  bytes: Buffer;
}

/** A gradient with noise, about `side` by `side`, always the same. */
function canvas(width: number, height: number, channels: 3 | 4 = 3): Sharp {
  const random = new Random(width, height);
  const data = Buffer.alloc(width * height * channels);
  for (let i = 0; i < data.length; i++) data[i] = (i * 255) / data.length + random.below(40);
  return sharp(data, { raw: { width, height, channels } });
}

const picture = () => canvas(96, 64);
const alpha = () => canvas(48, 72, 4);

const encoders: Record<string, () => Sharp> = {
  'jpeg baseline': () => picture().jpeg(),
  'jpeg full chroma': () => picture().jpeg({ chromaSubsampling: '4:4:4', quality: 95 }),
  'jpeg progressive': () => picture().jpeg({ progressive: true }),
  'jpeg turned': () => picture().withMetadata({ orientation: 6 }).jpeg(),
  'jpeg with profile': () => picture().withIccProfile('p3').jpeg(),
  'jpeg with EXIF and XMP': () =>
    picture()
      .withExif({ IFD0: { Artist: 'nobody' }, IFD3: { GPSLatitudeRef: 'N' } })
      .withXmp('<x:xmpmeta xmlns:x="adobe:ns:meta/"/>')
      .jpeg(),
  'jpeg CMYK': () => picture().toColourspace('cmyk').jpeg(),
  'jpeg grey': () => picture().greyscale().jpeg(),
  'png 8-bit': () => picture().png(),
  'png 16-bit': () => picture().toColourspace('rgb16').png(),
  'png palette': () => picture().png({ palette: true, colours: 16 }),
  'png interlaced': () => picture().png({ progressive: true }),
  'png alpha': () => alpha().png(),
  'png grey': () => picture().greyscale().png(),
  'png with profile': () => picture().withIccProfile('p3').png(),
  'webp lossy': () => picture().webp(),
  'webp lossless': () => picture().webp({ lossless: true }),
  'webp alpha': () => alpha().webp(),
  gif: () => picture().gif(),
  'tiff raw': () => picture().tiff({ compression: 'none' }),
  'tiff lzw': () => picture().tiff({ compression: 'lzw', predictor: 'horizontal' }),
  'tiff deflate tiles': () =>
    picture().tiff({ compression: 'deflate', tile: true, tileWidth: 32, tileHeight: 16 }),
  'tiff jpeg': () => picture().tiff({ compression: 'jpeg' }),
  'tiff packbits': () => picture().tiff({ compression: 'packbits' }),
  'tiff fax': () => picture().toColourspace('b-w').tiff({ compression: 'ccittfax4', bitdepth: 1 }),
  'tiff 16-bit': () => picture().toColourspace('rgb16').tiff({ compression: 'deflate' }),
  'tiff alpha': () => alpha().tiff({ compression: 'deflate' }),
  'tiff pyramid': () =>
    canvas(200, 160).tiff({ pyramid: true, tile: true, tileWidth: 64, tileHeight: 64 }),
  avif: () => picture().avif({ effort: 0 }),
  'avif alpha': () => alpha().avif({ effort: 0 }),
  'avif 10-bit': () => picture().avif({ effort: 0, bitdepth: 10 }),
};

/** One of each accepted kind and some refused kinds, all generated. */
export async function specimens(): Promise<[Specimen, ...Specimen[]]> {
  const made: Specimen[] = [];
  for (const [kind, encode] of Object.entries(encoders))
    made.push({ kind, bytes: await encode().toBuffer() });
  const still = await picture().webp().toBuffer();
  const png = await picture().png().toBuffer();
  const film = { frames: 4, width: 96, height: 64 };
  return [
    { kind: 'text', bytes: Buffer.from('This is no picture.\n'.repeat(8)) },
    {
      kind: 'svg',
      bytes: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="64" height="64"/>'),
    },
    { kind: 'pdf', bytes: Buffer.from('%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n%%EOF') },
    ...made,
    { kind: 'jpeg of many scans', bytes: jpegOfScans(64, 64, 40) },
    { kind: 'png animated', bytes: animated(png) },
    { kind: 'webp animated', bytes: webpOfFrames(still, film) },
    { kind: 'gif animated', bytes: gifOfFrames(film) },
    { kind: 'tiff of pages', bytes: tiffOfPages(3) },
    {
      kind: 'tiff in planes',
      bytes: tiff({
        ...{ width: 64, height: 48, data: Buffer.alloc(64 * 16, 99) },
        layout: { rowsPerStrip: 16, planar: true },
      }),
    },
  ];
}

/** Adds an APNG's chunks and an unknown one to a PNG. */
function animated(png: Buffer): Buffer {
  const frame = Buffer.alloc(26);
  frame.writeUInt32BE(96, 4);
  frame.writeUInt32BE(64, 8);
  return Buffer.concat([
    png.subarray(0, 33),
    pngChunk('acTL', Buffer.of(0, 0, 0, 2, 0, 0, 0, 0)),
    pngChunk('fcTL', frame),
    png.subarray(33, -12),
    pngChunk('fdAT', Buffer.alloc(40, 7)),
    pngChunk('noIs', Buffer.alloc(300, 1)),
    png.subarray(-12),
  ]);
}
