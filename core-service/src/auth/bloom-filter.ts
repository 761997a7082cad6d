import { createHash } from 'node:crypto';

const BITS_PER_MEMBER = 36;
/** Best for that many bits: a stranger is taken for a member once in 2^24 times, or 17 million. */
export const HASHES = 24;

/** Bloom, "Space/time trade-offs in hash coding with allowable errors", CACM 13 (1970). */
export class BloomFilter {
  constructor(readonly bytes: Buffer) {}

  static of(members: Set<string>): BloomFilter {
    const filter = new BloomFilter(Buffer.alloc(Math.ceil((members.size * BITS_PER_MEMBER) / 8)));
    for (const member of members)
      for (const position of filter.positions(member))
        filter.bytes[position >> 3] = filter.byteAt(position) | (1 << (position & 7));
    return filter;
  }

  /** True for every member, and for hardly anything else. */
  has(text: string): boolean {
    return this.positions(text).every((position) => this.byteAt(position) & (1 << (position & 7)));
  }

  private byteAt(position: number): number {
    return this.bytes[position >> 3] ?? 0;
  }

  private positions(text: string): number[] {
    const hash = createHash('shake256', { outputLength: HASHES * 4 })
      .update(text)
      .digest();
    const bits = this.bytes.length * 8;
    return Array.from({ length: HASHES }, (_, i) => hash.readUInt32LE(i * 4) % bits);
  }
}
