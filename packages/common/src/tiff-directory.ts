/** TIFF 6.0 tags that describe how pixels are stored. */
export const TIFF_TAG = {
  compression: 259,
  rowsPerStrip: 278,
  planarConfiguration: 284,
  tileLength: 323,
} as const;

const SHORT = 3;
const ENTRY_BYTES = 12;

/** The directories of a classic TIFF (TIFF 6.0, section 2), one per page, as far as they are intact. */
export class TiffDirectories {
  private readonly view: DataView;
  private readonly little: boolean;

  constructor(bytes: Uint8Array) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.little = bytes[0] === 0x49;
  }

  /** The number of pages, up to `most`; a circular chain ends where it repeats. */
  count(most: number): number {
    const seen = new Set<number>();
    for (let at = this.first(); at !== undefined && seen.size < most; at = this.next(at)) {
      if (seen.has(at)) break;
      seen.add(at);
    }
    return seen.size;
  }

  /** The first value of a tag of the first page. */
  tag(wanted: number): number | undefined {
    const at = this.first();
    if (at === undefined) return undefined;
    const entries = this.view.getUint16(at, this.little);
    for (let i = 0; i < entries; i++) {
      const entry = at + 2 + i * ENTRY_BYTES;
      if (entry + ENTRY_BYTES > this.view.byteLength) return undefined;
      if (this.view.getUint16(entry, this.little) !== wanted) continue;
      return this.view.getUint16(entry + 2, this.little) === SHORT
        ? this.view.getUint16(entry + 8, this.little)
        : this.view.getUint32(entry + 8, this.little);
    }
    return undefined;
  }

  private first(): number | undefined {
    return this.offsetAt(4);
  }

  private next(at: number): number | undefined {
    return this.offsetAt(at + 2 + ENTRY_BYTES * this.view.getUint16(at, this.little));
  }

  /** The directory offset stored in the four bytes at `position`. */
  private offsetAt(position: number): number | undefined {
    if (position + 4 > this.view.byteLength) return undefined;
    const offset = this.view.getUint32(position, this.little);
    return offset === 0 || offset + 2 > this.view.byteLength ? undefined : offset;
  }
}
