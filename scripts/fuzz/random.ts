/**
 * A reproducible stream of pseudo-random numbers: sfc32, the small fast counter of Chris
 * Doty-Humphrey's PractRand (three words of state and a counter, twelve rounds to mix the seed).
 */
export class Random {
  private a: number;
  private b: number;
  private c = 0x9e3779b9;
  private counter = 1;

  constructor(seed: number, stream = 0) {
    this.a = seed | 0;
    this.b = stream | 0;
    for (let round = 0; round < 12; round++) this.next();
  }

  /** 32 bits, unsigned. */
  next(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = (((this.c << 21) | (this.c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** 0 to `below` - 1; 0 if `below` is less than 1. */
  below(below: number): number {
    return below > 1 ? this.next() % below : 0;
  }

  pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.below(items.length)] ?? items[0];
  }

  chance(probability: number): boolean {
    return this.next() < probability * 2 ** 32;
  }

  bytes(count: number): Buffer {
    const bytes = Buffer.alloc(count);
    for (let i = 0; i < count; i++) bytes[i] = this.next();
    return bytes;
  }
}
