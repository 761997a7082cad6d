/** A picture of many frames, each of which takes a few bytes. */
export interface Film {
  frames: number;
  width: number;
  height: number;
}

/** Every frame is one colour: its LZW stream is one clear code. */
export function gifOfFrames({ frames, width, height }: Film): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt16LE(width, 0);
  size.writeUInt16LE(height, 2);
  const palette = [200, 80, 40, 0, 0, 0];
  const frame = Buffer.concat([
    Buffer.from([0x21, 0xf9, 4, 0, 1, 0, 0, 0, 0x2c, 0, 0, 0, 0]),
    size,
    Buffer.from([0, 2, 2, 0x44, 0x01, 0]),
  ]);
  return Buffer.concat([
    Buffer.from('GIF89a'),
    size,
    Buffer.from([0x80, 0, 0, ...palette]),
    Buffer.alloc(frame.length * frames, frame),
    Buffer.of(0x3b),
  ]);
}

/** A GIF of one frame on a canvas of another size. */
export function gifOnCanvas(frame: number, width: number, height: number): Buffer {
  const bytes = gifOfFrames({ frames: 1, width: frame, height: frame });
  bytes.writeUInt16LE(width, 6);
  bytes.writeUInt16LE(height, 8);
  return bytes;
}

/** @param still a WebP without animation, metadata or alpha. */
export function webpOfFrames(still: Buffer, { frames, width, height }: Film): Buffer {
  const place = Buffer.alloc(16);
  place.writeUIntLE(width - 1, 6, 3);
  place.writeUIntLE(height - 1, 9, 3);
  const frame = chunk('ANMF', Buffer.concat([place, still.subarray(12)]));
  const canvas = Buffer.alloc(10);
  canvas[0] = 0x02;
  canvas.writeUIntLE(width - 1, 4, 3);
  canvas.writeUIntLE(height - 1, 7, 3);
  return chunk(
    'RIFF',
    Buffer.concat([
      Buffer.from('WEBP'),
      chunk('VP8X', canvas),
      chunk('ANIM', Buffer.alloc(6)),
      Buffer.alloc(frame.length * frames, frame),
    ]),
  );
}

/** RIFF. */
function chunk(name: string, content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(content.length);
  return Buffer.concat([Buffer.from(name), size, content, Buffer.alloc(content.length % 2)]);
}
