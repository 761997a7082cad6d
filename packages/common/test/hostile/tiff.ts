const SHORT = 3;
const LONG = 4;
const DATA_AT = 8;

export interface TiffShape {
  width: number;
  height: number;
  /** 1: none, 5: LZW, 7: JPEG, 8: Deflate. */
  compression?: number;
  /** As stored. All strips or tiles, however many, are these same bytes. */
  data: Buffer;
  /** Bytes that each strip or tile says it has; those of `data` when absent. */
  claimed?: number;
  layout:
    | { rowsPerStrip: number; planar?: boolean; strips?: number }
    | { tileWidth: number; tileLength: number };
}

/** A little-endian TIFF of one 8-bit RGB page that is just what it is told to be (TIFF 6.0). */
export function tiff({ width, height, compression = 1, data, claimed, layout }: TiffShape): Buffer {
  const tiled = 'tileWidth' in layout;
  const planar = 'planar' in layout && layout.planar;
  const count = tiled
    ? Math.ceil(width / layout.tileWidth) * Math.ceil(height / layout.tileLength)
    : (layout.strips ?? Math.ceil(height / layout.rowsPerStrip) * (planar ? 3 : 1));
  const offsets = DATA_AT + data.length;
  const sizes = offsets + 4 * count;
  const bits = sizes + 4 * count;
  const array = (value: number, at: number) => (count === 1 ? value : at);
  const stored = claimed ?? data.length;

  const places: Entry[] = tiled
    ? [
        [322, LONG, 1, layout.tileWidth],
        [323, LONG, 1, layout.tileLength],
        [324, LONG, count, array(DATA_AT, offsets)],
        [325, LONG, count, array(stored, sizes)],
      ]
    : [
        [273, LONG, count, array(DATA_AT, offsets)],
        [278, LONG, 1, layout.rowsPerStrip],
        [279, LONG, count, array(stored, sizes)],
      ];
  const directory = ifd([
    [256, LONG, 1, width],
    [257, LONG, 1, height],
    [258, SHORT, 3, bits],
    [259, SHORT, 1, compression],
    [262, SHORT, 1, 2],
    [277, SHORT, 1, 3],
    [284, SHORT, 1, planar ? 2 : 1],
    ...places,
  ]);
  return Buffer.concat([
    header(bits + 6),
    data,
    longs(new Array<number>(count).fill(DATA_AT)),
    longs(new Array<number>(count).fill(stored)),
    Buffer.of(8, 0, 8, 0, 8, 0),
    directory,
  ]);
}

/** So many grey pages of 64 x 64 that share their pixels; the last may point back at the first. */
export function tiffOfPages(pages: number, { loop = false } = {}): Buffer {
  const data = Buffer.alloc(64 * 64, 128);
  const first = DATA_AT + data.length;
  const page = ifd([
    [256, LONG, 1, 64],
    [257, LONG, 1, 64],
    [258, SHORT, 1, 8],
    [259, SHORT, 1, 1],
    [262, SHORT, 1, 1],
    [273, LONG, 1, DATA_AT],
    [277, SHORT, 1, 1],
    [278, LONG, 1, 64],
    [279, LONG, 1, data.length],
  ]);
  const chain = Buffer.alloc(page.length * pages, page);
  for (let i = 1; i < pages; i++) chain.writeUInt32LE(first + i * page.length, i * page.length - 4);
  if (loop) chain.writeUInt32LE(first, chain.length - 4);
  return Buffer.concat([header(first), data, chain]);
}

type Entry = [tag: number, type: number, count: number, value: number];

const header = (directory: number) => Buffer.concat([Buffer.from('II*\0'), longs([directory])]);

const longs = (values: number[]) => Buffer.from(Uint32Array.from(values).buffer);

function ifd(entries: Entry[]): Buffer {
  const bytes = Buffer.alloc(2 + 12 * entries.length + 4);
  bytes.writeUInt16LE(entries.length, 0);
  entries
    .sort(([a], [b]) => a - b)
    .forEach(([tag, type, count, value], i) => {
      const at = 2 + 12 * i;
      bytes.writeUInt16LE(tag, at);
      bytes.writeUInt16LE(type, at + 2);
      bytes.writeUInt32LE(count, at + 4);
      bytes.writeUInt32LE(value, at + 8);
    });
  return bytes;
}
