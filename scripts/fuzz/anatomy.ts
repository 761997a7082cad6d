import { sniffFormat } from '@stylizer/common';

/** A unit of the file format: a chunk, a segment, a box. */
export interface Part {
  start: number;
  end: number;
}

/** A number in a header. */
export interface Field {
  at: number;
  bytes: 1 | 2 | 4;
  littleEndian: boolean;
}

/** The parts up to where the file cannot be parsed; some formats have none. */
export function partsOf(bytes: Buffer): Part[] {
  switch (sniffFormat(bytes)) {
    case 'png':
      return chain(bytes, 8, (at) => 12 + bytes.readUInt32BE(at));
    case 'webp':
      return chain(bytes, 12, (at) => {
        const size = bytes.readUInt32LE(at + 4);
        return 8 + size + (size % 2);
      });
    case 'heif':
      return chain(bytes, 0, (at) => bytes.readUInt32BE(at));
    case 'jpeg':
      return chain(bytes, 2, (at) =>
        bytes[at] === 0xff && bytes[at + 1] !== 0xd9 ? 2 + bytes.readUInt16BE(at + 2) : 0,
      );
    default:
      return [];
  }
}

/** Fields that hold a size, a count or an offset. */
export function fieldsOf(bytes: Buffer): Field[] {
  const parts = partsOf(bytes);
  const field = (at: number, size: Field['bytes'], littleEndian = false): Field => ({
    at,
    bytes: size,
    littleEndian,
  });
  const inside = ({ at, bytes: size }: Field) => at >= 0 && at + size <= bytes.length;
  return fields().filter(inside);

  function fields(): Field[] {
    switch (sniffFormat(bytes)) {
      case 'png':
        return [
          ...[16, 20].map((at) => field(at, 4)),
          ...[24, 25, 26, 27, 28].map((at) => field(at, 1)),
          ...parts.map(({ start }) => field(start, 4)),
        ];
      case 'webp':
        return [
          field(4, 4, true),
          ...parts.flatMap(({ start }) => [
            field(start + 4, 4, true),
            ...[8, 11, 12, 14, 15, 17].map((offset) => field(start + offset, 2, true)),
          ]),
        ];
      case 'heif': {
        const size = bytes.indexOf('ispe');
        return [
          ...parts.map(({ start }) => field(start, 4)),
          ...[4, 8].map((offset) => field(size + offset, 4)),
          ...['iloc', 'iinf', 'ipma', 'pixi', 'av1C', 'colr', 'ipco', 'meta'].flatMap((name) => {
            const at = bytes.indexOf(name);
            return at < 0 ? [] : [field(at - 4, 4), field(at + 8, 2), field(at + 10, 4)];
          }),
        ];
      }
      case 'jpeg':
        return parts.flatMap(({ start }) => [
          field(start + 2, 2),
          ...[4, 5, 6, 8, 9, 10, 11, 12, 14].map((offset) => field(start + offset, 1)),
          ...[5, 7].map((offset) => field(start + offset, 2)),
        ]);
      case 'gif':
        return [6, 8, ...places(bytes, 0x2c).flatMap((at) => [at + 1, at + 3, at + 5, at + 7])].map(
          (at) => field(at, 2, true),
        );
      case 'tiff':
        return tiffFields(bytes, field);
      case undefined:
        return [];
    }
  }
}

const places = (bytes: Buffer, value: number): number[] =>
  [...bytes.entries()].filter(([, byte]) => byte === value).map(([at]) => at);

function tiffFields(
  bytes: Buffer,
  field: (at: number, size: Field['bytes'], littleEndian: boolean) => Field,
): Field[] {
  const little = bytes[0] === 0x49;
  const read16 = (at: number) => (little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const start = little ? bytes.readUInt32LE(4) : bytes.readUInt32BE(4);
  const found: Field[] = [];
  if (start + 2 > bytes.length) return found;
  for (let i = 0; i < Math.min(read16(start), 64); i++) {
    const entry = start + 2 + 12 * i;
    found.push(field(entry + 2, 2, little), field(entry + 4, 4, little));
    found.push(field(entry + 8, 2, little), field(entry + 8, 4, little));
  }
  return found;
}

function chain(bytes: Buffer, first: number, sizeAt: (at: number) => number): Part[] {
  const parts: Part[] = [];
  for (let start = first; start + 8 <= bytes.length && parts.length < 1_000;) {
    const end = start + sizeAt(start);
    if (end < start + 4 || end > bytes.length) break;
    parts.push({ start, end });
    start = end;
  }
  return parts;
}
