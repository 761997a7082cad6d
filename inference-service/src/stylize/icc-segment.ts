import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import sharp from 'sharp';

const START_OF_IMAGE_BYTES = 2;
const APP0 = 0xffe0;
const APP2 = 0xffe2;
/** More than SOI and an APP0 take. */
const MAX_JFIF_BYTES = 64;

let profile: Promise<Buffer> | undefined;

/**
 * Embeds the sRGB profile in a JPEG whose pixels are sRGB already, as one APP2 segment (ICC.1:2022,
 * annex B.4). libvips would run every pixel through the identity first, which takes longer than
 * the encoding itself.
 *
 * @param jpeg with JFIF's APP0 first, or without one.
 */
export async function embedSrgb(jpeg: Buffer): Promise<Buffer> {
  const at = afterJfif(jpeg);
  return Buffer.concat([jpeg.subarray(0, at), await segment(), jpeg.subarray(at)]);
}

/** As {@link embedSrgb}, of a file, on its way to the reader. The file may be removed meanwhile. */
export async function streamWithSrgb(path: string): Promise<{ body: Readable; bytes: number }> {
  const file = await open(path);
  const head = Buffer.alloc(MAX_JFIF_BYTES);
  await file.read(head);
  const { size } = await file.stat();
  const icc = await segment();
  const at = afterJfif(head);
  const chunks = async function* () {
    yield head.subarray(0, at);
    yield icc;
    yield* file.createReadStream({ start: at, autoClose: false });
  };
  const body = Readable.from(chunks(), { objectMode: false });
  // Also where nobody began to read.
  body.once('close', () => void file.close());
  return { body, bytes: size + icc.length };
}

async function segment(): Promise<Buffer> {
  const icc = await (profile ??= readProfile());
  const header = Buffer.alloc(18);
  header.writeUInt16BE(APP2, 0);
  header.writeUInt16BE(header.length - 2 + icc.length, 2);
  header.write('ICC_PROFILE\0', 4, 'latin1');
  header.set([1, 1], 16);
  return Buffer.concat([header, icc]);
}

function afterJfif(jpeg: Buffer): number {
  const first = START_OF_IMAGE_BYTES;
  return jpeg.readUInt16BE(first) === APP0 ? first + 2 + jpeg.readUInt16BE(first + 2) : first;
}

/** libvips' own sRGB profile, by way of a picture that bears it. */
async function readProfile(): Promise<Buffer> {
  const dot = sharp({ create: { width: 1, height: 1, channels: 3, background: '#000' } });
  const { icc } = await sharp(await dot.withIccProfile('srgb').jpeg().toBuffer()).metadata();
  if (!icc) throw new Error('libvips gave no sRGB profile.');
  return icc;
}
