const MARKER = { image: 0xd8, end: 0xd9, tables: 0xdb, codes: 0xc4, progressive: 0xc2, scan: 0xda };

/** A marker and its segment (ITU-T T.81, annex B). */
const segment = (marker: number, content: number[]) =>
  Buffer.from([0xff, marker, ...word(content.length + 2), ...content]);

const word = (value: number) => [value >> 8, value & 0xff];

/** The one code of the table is a single zero bit, and stands for zero. */
const codes = (kind: number) =>
  segment(MARKER.codes, [kind << 4, 1, ...new Array<number>(15).fill(0), 0]);

/**
 * A grey progressive JPEG of so many scans, legal throughout: every block takes one zero bit in
 * each. Each scan has the decoder go over the whole picture.
 */
export function jpegOfScans(width: number, height: number, scans: number): Buffer {
  const blocks = Math.ceil(width / 8) * Math.ceil(height / 8);
  const data = Buffer.alloc(Math.ceil(blocks / 8));
  const first = segment(MARKER.scan, [1, 1, 0, 0, 0, 0]);
  const further = Buffer.concat([segment(MARKER.scan, [1, 1, 0, 1, 63, 0]), data]);
  return Buffer.concat([
    Buffer.of(0xff, MARKER.image),
    segment(MARKER.tables, [0, ...new Array<number>(64).fill(1)]),
    segment(MARKER.progressive, [8, ...word(height), ...word(width), 1, 1, 0x11, 0]),
    codes(0),
    codes(1),
    first,
    data,
    Buffer.alloc(further.length * (scans - 1), further),
    Buffer.of(0xff, MARKER.end),
  ]);
}

/** The picture with so many empty application segments, in front of its own or behind its scan. */
export function jpegWithSegments(jpeg: Buffer, count: number, where: 'front' | 'back'): Buffer {
  const junk = Buffer.alloc(4 * count).fill(Buffer.of(0xff, 0xe2, 0, 2));
  const at = where === 'front' ? 2 : jpeg.length - 2;
  return Buffer.concat([jpeg.subarray(0, at), junk, jpeg.subarray(at)]);
}

/** The picture with another size in its frame header. */
export function jpegDeclaring(jpeg: Buffer, width: number, height: number): Buffer {
  const copy = Buffer.from(jpeg);
  const frame = copy.findIndex((byte, at) => byte === 0xff && /[\xc0-\xc2]/.test(letter(copy, at)));
  copy.writeUInt16BE(height, frame + 5);
  copy.writeUInt16BE(width, frame + 7);
  return copy;
}

const letter = (bytes: Buffer, at: number) => String.fromCharCode(bytes[at + 1] ?? 0);
