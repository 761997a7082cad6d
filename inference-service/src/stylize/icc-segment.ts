import sharp from 'sharp';

const START_OF_IMAGE_BYTES = 2;
const APP0 = 0xffe0;
const APP2 = 0xffe2;

let profile: Promise<Buffer> | undefined;

/**
 * Embeds the sRGB profile in a JPEG whose pixels are sRGB already, as one APP2 segment (ICC.1:2022,
 * annex B.4). libvips would run every pixel through the identity first, which takes longer than
 * the encoding itself.
 *
 * @param jpeg with JFIF's APP0 first, or without one.
 */
export async function embedSrgb(jpeg: Buffer): Promise<Buffer> {
  const icc = await (profile ??= readProfile());
  const header = Buffer.alloc(18);
  header.writeUInt16BE(APP2, 0);
  header.writeUInt16BE(header.length - 2 + icc.length, 2);
  header.write('ICC_PROFILE\0', 4, 'latin1');
  header.set([1, 1], 16);
  const at = afterJfif(jpeg);
  return Buffer.concat([jpeg.subarray(0, at), header, icc, jpeg.subarray(at)]);
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
