import { crc32, deflateSync } from 'node:zlib';

export interface PngShape {
  width: number;
  height: number;
  /** Bits of one channel of RGB. */
  bits?: 8 | 16;
}

/** A PNG of some hundred bytes, whatever size it declares: its pixels break off. */
export function pngDeclaring(width: number, height: number): Buffer {
  return png({ width, height }, deflateSync(Buffer.alloc(1000)));
}

/** A whole PNG, black all over: what unpacks to hundreds of megabytes takes some hundred kilobytes. */
export function pngBomb(shape: PngShape): Buffer {
  const { width, height, bits = 8 } = shape;
  return png(shape, deflateSync(Buffer.alloc((1 + (3 * width * bits) / 8) * height)));
}

export function png({ width, height, bits = 8 }: PngShape, data: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([bits, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    pngChunk('IHDR', header),
    pngChunk('IDAT', data),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

export function pngChunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
