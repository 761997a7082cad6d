import { randomBytes } from 'node:crypto';
import { crc32, deflateSync } from 'node:zlib';
import sharp from 'sharp';
import { drawing, picture } from './images.js';

/** Runs in a browser that opens the file as a page; no response may contain it. */
export const PAYLOAD = '<script>steal(document.cookie)</script>';

export const svg = Buffer.from(
  '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64"><rect width="96" height="64"/></svg>',
);

/** A GIF by its first bytes, a script to a browser that sniffs content. */
export const scriptAsGif = Buffer.from(`GIF89a=1;/*${PAYLOAD}*/alert(1)//`);

export async function truncatedJpeg(): Promise<Buffer> {
  const whole = await picture({ width: 256, height: 256 });
  return whole.subarray(0, Math.floor(whole.length * 0.6));
}

export async function pdfAroundJpeg(): Promise<Buffer> {
  const jpeg = await picture();
  const head = `%PDF-1.4\n1 0 obj<</Type/XObject/Subtype/Image/Filter/DCTDecode/Length ${jpeg.length}>>stream\n`;
  return Buffer.concat([Buffer.from(head), jpeg, Buffer.from('\nendstream endobj\n%%EOF')]);
}

/** A valid image with an archive or a page appended. */
export async function jpegWithTail(tail: Buffer): Promise<Buffer> {
  return Buffer.concat([await picture(), tail]);
}

/** An archive of one stored file whose content is the payload, without its directory. */
export const zipTail = Buffer.concat([Buffer.from('PK\x03\x04\n\0\0\0\0\0'), Buffer.from(PAYLOAD)]);
export const htmlTail = Buffer.from(`<html><body>${PAYLOAD}</body></html>`);

/** The payload in the metadata. */
export async function jpegWithMetadata(): Promise<Buffer> {
  return drawing(96, 64)
    .withExif({ IFD0: { Copyright: PAYLOAD, Artist: 'Ada Lovelace' } })
    .withXmp(`<x:xmpmeta xmlns:x="adobe:ns:meta/">${PAYLOAD}</x:xmpmeta>`)
    .jpeg()
    .toBuffer();
}

/** A PNG of a few bytes that declares this size. */
export function pngDeclaring(width: number, height: number): Buffer {
  return png(width, height, deflateSync(Buffer.alloc(64)));
}

/** One colour: 300 MB of pixels in some 300 kB. */
export function bombPng(width: number, height: number): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: '#336699' } })
    .png({ compressionLevel: 9 })
    .toBuffer();
}

function png(width: number, height: number, data: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2, 0, 0, 0], 8); // 8 bits, RGB
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/**
 * A GIF whose first frame is red and whose others are one blue pixel each on the same canvas: all
 * of them decoded side by side take `side * side * 4 * frames` bytes.
 */
export function animatedGif(side: number, frames: number): Buffer {
  const head = Buffer.alloc(25);
  head.write('GIF89a', 'latin1');
  head.writeUInt16LE(side, 6);
  head.writeUInt16LE(side, 8);
  head[10] = 0x81; // a global palette of four colours
  head.set([255, 0, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255], 13);
  const first = gifFrame(side, side, 0);
  const other = gifFrame(1, 1, 1);
  return Buffer.concat([
    head,
    first,
    ...Array.from({ length: frames - 1 }, () => other),
    Buffer.from([0x3b]),
  ]);
}

/**
 * One frame of one colour. The code table is cleared after every second pixel, so that codes stay
 * 3 bits wide (GIF89a, appendix F).
 */
function gifFrame(width: number, height: number, colour: number): Buffer {
  const CLEAR = 4;
  const END = 5;
  const codes: number[] = [];
  for (let pixel = 0; pixel < width * height; pixel++) {
    if (pixel % 2 === 0) codes.push(CLEAR);
    codes.push(colour);
  }
  codes.push(END);
  const packed = Buffer.alloc(Math.ceil((codes.length * 3) / 8));
  codes.forEach((code, index) => {
    for (let bit = 0; bit < 3; bit++) {
      const at = index * 3 + bit;
      packed[at >> 3] = (packed[at >> 3] ?? 0) | (((code >> bit) & 1) << (at & 7));
    }
  });
  const blocks: Buffer[] = [];
  for (let at = 0; at < packed.length; at += 255) {
    const block = packed.subarray(at, at + 255);
    blocks.push(Buffer.from([block.length]), block);
  }
  const descriptor = Buffer.alloc(10);
  descriptor[0] = 0x2c;
  descriptor.writeUInt16LE(width, 5);
  descriptor.writeUInt16LE(height, 7);
  const control = Buffer.from([0x21, 0xf9, 4, 0, 5, 0, 0, 0]);
  return Buffer.concat([control, descriptor, Buffer.from([2]), ...blocks, Buffer.from([0])]);
}

export function cmykJpeg(): Promise<Buffer> {
  return drawing(96, 64).toColourspace('cmyk').jpeg().toBuffer();
}

export function sixteenBitPng(): Promise<Buffer> {
  return drawing(96, 64).toColourspace('rgb16').png().toBuffer();
}

/** A whole JPEG of this many bytes. */
export async function heavyJpeg(bytes: number): Promise<Buffer> {
  const tail = randomBytes(bytes - (await picture()).length);
  // Not the start of a boundary, which a form parser would hold back to see what follows.
  tail[tail.length - 1] = 0;
  return jpegWithTail(tail);
}
