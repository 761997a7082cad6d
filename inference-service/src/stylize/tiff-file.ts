import { open, type FileHandle } from 'node:fs/promises';
import type { Size } from '@stylizer/common';
import type { Pixels } from '../engine/engine.js';

/** Of tags and their types, TIFF 6.0 (Adobe, 1992), sections 2 and 8. */
const TAG = {
  width: 256,
  height: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
} as const;
const SHORT = 3;
const LONG = 4;
const ENTRY_BYTES = 12;
const HEADER_BYTES = 8;

/** Few rows keep a reader's memory small; many keep the number of strips small. */
const ROWS_PER_STRIP = 64;

/** Reads rows of an uncompressed TIFF whose pixels are contiguous, as libvips writes it. */
export class TiffSource implements Size {
  private memory = new Uint8Array(0);

  private constructor(
    private readonly file: FileHandle,
    readonly width: number,
    readonly height: number,
    private readonly pixelsAt: number,
  ) {}

  /** @throws Error for any other TIFF. */
  static async open(path: string): Promise<TiffSource> {
    const file = await open(path, 'r');
    try {
      const tags = await readTags(file);
      const [width = 0] = tags.get(TAG.width) ?? [];
      const [height = 0] = tags.get(TAG.height) ?? [];
      const offsets = tags.get(TAG.stripOffsets) ?? [];
      const counts = tags.get(TAG.stripByteCounts) ?? [];
      const contiguous = offsets.every(
        (offset, i) => i === 0 || offset === offsets[i - 1]! + counts[i - 1]!,
      );
      const total = counts.reduce((sum, count) => sum + count, 0);
      if (!contiguous || total !== 3 * width * height || tags.get(TAG.compression)?.[0] !== 1)
        throw new Error('The TIFF is not contiguous 8-bit RGB.');
      return new TiffSource(file, width, height, offsets[0]!);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** Whole rows, from `top` on; none past the lower edge. Valid until the next call. */
  async rows(top: number, count: number): Promise<Pixels> {
    const height = Math.min(count, this.height - top);
    const bytes = 3 * this.width * height;
    if (this.memory.length < bytes) this.memory = new Uint8Array(bytes);
    const data = this.memory.subarray(0, bytes);
    await readFully(this.file, data, this.pixelsAt + 3 * this.width * top);
    return { data, width: this.width, height };
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** Writes an uncompressed 8-bit RGB TIFF row by row from the top. */
export class TiffSink {
  private row = 0;

  private constructor(
    private readonly file: FileHandle,
    private readonly size: Size,
  ) {}

  static async create(path: string, size: Size): Promise<TiffSink> {
    const file = await open(path, 'wx');
    await file.write(directoryOf(size), 0, undefined, 0);
    return new TiffSink(file, size);
  }

  async write({ data, height }: Pixels): Promise<void> {
    let at = directoryBytes(this.size) + 3 * this.size.width * this.row;
    for (let done = 0; done < data.length;) {
      const { bytesWritten } = await this.file.write(data, done, data.length - done, at);
      done += bytesWritten;
      at += bytesWritten;
    }
    this.row += height;
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

async function readFully(file: FileHandle, into: Uint8Array, from: number): Promise<void> {
  for (let done = 0; done < into.length;) {
    const { bytesRead } = await file.read(into, done, into.length - done, from + done);
    if (bytesRead === 0) throw new Error('The file is shorter than its pixels.');
    done += bytesRead;
  }
}

/** The values of each tag of the first directory. */
async function readTags(file: FileHandle): Promise<Map<number, number[]>> {
  const read = async (at: number, bytes: number) => {
    const buffer = Buffer.alloc(bytes);
    await readFully(file, buffer, at);
    return buffer;
  };
  const header = await read(0, HEADER_BYTES);
  if (header.toString('latin1', 0, 4) !== 'II*\0') throw new Error('Not a little-endian TIFF.');
  const directory = header.readUInt32LE(4);
  const count = (await read(directory, 2)).readUInt16LE();
  const entries = await read(directory + 2, count * ENTRY_BYTES);
  const tags = new Map<number, number[]>();
  for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
    const type = entries.readUInt16LE(at + 2);
    if (type !== SHORT && type !== LONG) continue;
    const size = type === SHORT ? 2 : 4;
    const length = entries.readUInt32LE(at + 4) * size;
    const values =
      length <= 4
        ? entries.subarray(at + 8, at + 8 + length)
        : await read(entries.readUInt32LE(at + 8), length);
    const numbers = Array.from({ length: length / size }, (_, i) =>
      values.readUIntLE(i * size, size),
    );
    tags.set(entries.readUInt16LE(at), numbers);
  }
  return tags;
}

const stripsOf = ({ height }: Size) => Math.ceil(height / ROWS_PER_STRIP);

/** Bytes of the header, the directory and the arrays it points to; the pixels follow. */
const directoryBytes = (size: Size) =>
  HEADER_BYTES + 2 + 9 * ENTRY_BYTES + 4 + 6 + 8 * stripsOf(size);

function directoryOf(size: Size): Buffer {
  const { width, height } = size;
  const strips = stripsOf(size);
  const bytes = directoryBytes(size);
  const stripBytes = 3 * width * ROWS_PER_STRIP;
  const buffer = Buffer.alloc(bytes);
  buffer.write('II*\0', 'latin1');
  buffer.writeUInt32LE(HEADER_BYTES, 4);
  buffer.writeUInt16LE(9, HEADER_BYTES);
  const bitsAt = HEADER_BYTES + 2 + 9 * ENTRY_BYTES + 4;
  const offsetsAt = bitsAt + 6;
  const countsAt = offsetsAt + 4 * strips;
  for (let i = 0; i < 3; i++) buffer.writeUInt16LE(8, bitsAt + 2 * i);
  for (let i = 0; i < strips; i++) {
    buffer.writeUInt32LE(bytes + i * stripBytes, offsetsAt + 4 * i);
    buffer.writeUInt32LE(
      Math.min(stripBytes, 3 * width * height - i * stripBytes),
      countsAt + 4 * i,
    );
  }
  // A single strip's offset and length are stored in the entry itself.
  const inEntry = (at: number) => (strips === 1 ? buffer.readUInt32LE(at) : at);
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [TAG.width, LONG, 1, width],
    [TAG.height, LONG, 1, height],
    [TAG.bitsPerSample, SHORT, 3, bitsAt],
    [TAG.compression, SHORT, 1, 1],
    [TAG.photometric, SHORT, 1, 2],
    [TAG.stripOffsets, LONG, strips, inEntry(offsetsAt)],
    [TAG.samplesPerPixel, SHORT, 1, 3],
    [TAG.rowsPerStrip, LONG, 1, ROWS_PER_STRIP],
    [TAG.stripByteCounts, LONG, strips, inEntry(countsAt)],
  ];
  entries.forEach(([tag, type, count, value], i) => {
    const at = HEADER_BYTES + 2 + i * ENTRY_BYTES;
    buffer.writeUInt16LE(tag, at);
    buffer.writeUInt16LE(type, at + 2);
    buffer.writeUInt32LE(count, at + 4);
    buffer.writeUInt32LE(value, at + 8);
  });
  return buffer;
}
