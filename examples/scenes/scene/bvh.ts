/**
 * Ray queries against the triangles: a bounding volume hierarchy split by binned surface area
 * (Wald 2007) and the ray-triangle test of Moeller and Trumbore (1997).
 */
import type { Vec3 } from './math.ts';

const LEAF_SIZE = 4;
const BINS = 12;
const EPSILON = 1e-9;

export interface Hit {
  distance: number;
  triangle: number;
  /** Barycentric weights of the second and third corner. */
  u: number;
  v: number;
}

const area = (b: Float32Array): number => {
  const x = b[3]! - b[0]!;
  const y = b[4]! - b[1]!;
  const z = b[5]! - b[2]!;
  return x < 0 ? 0 : x * y + y * z + z * x;
};
const emptyBounds = (): Float32Array =>
  Float32Array.of(Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity);
const grow = (box: Float32Array, source: Float32Array, at: number): void => {
  for (let axis = 0; axis < 3; axis++) {
    box[axis] = Math.min(box[axis]!, source[at + axis]!);
    box[axis + 3] = Math.max(box[axis + 3]!, source[at + axis + 3]!);
  }
};

export class Bvh {
  /** Six numbers a node: lowest corner, highest corner. */
  private readonly bounds: Float32Array;
  /** Inner node: index of the left child (the right one follows it). Leaf: first slot in `order`. */
  private readonly first: Int32Array;
  /** Triangles in a leaf; 0 marks an inner node. */
  private readonly count: Int32Array;
  private readonly order: Int32Array;
  /** Nine numbers a slot of `order`: a corner and the two edges leaving it. */
  private readonly edges: Float32Array;
  private readonly stack = new Int32Array(96);
  private readonly hit: Hit = { distance: 0, triangle: -1, u: 0, v: 0 };
  private nodes = 1;

  constructor(positions: Float32Array) {
    const total = positions.length / 9;
    this.bounds = new Float32Array(total * 12);
    this.first = new Int32Array(total * 2);
    this.count = new Int32Array(total * 2);
    this.order = Int32Array.from({ length: total }, (_, index) => index);
    const boxes = new Float32Array(total * 6);
    for (let t = 0; t < total; t++) {
      for (let axis = 0; axis < 3; axis++) {
        const a = positions[t * 9 + axis]!;
        const b = positions[t * 9 + axis + 3]!;
        const c = positions[t * 9 + axis + 6]!;
        boxes[t * 6 + axis] = Math.min(a, b, c);
        boxes[t * 6 + axis + 3] = Math.max(a, b, c);
      }
    }
    this.split(0, 0, total, boxes);
    this.edges = new Float32Array(total * 9);
    for (let slot = 0; slot < total; slot++) {
      const source = this.order[slot]! * 9;
      for (let k = 0; k < 9; k++) {
        this.edges[slot * 9 + k] =
          positions[source + k]! - (k < 3 ? 0 : positions[source + (k % 3)]!);
      }
    }
  }

  private split(node: number, from: number, to: number, boxes: Float32Array): void {
    const box = emptyBounds();
    const centers = Float64Array.from(emptyBounds());
    for (let slot = from; slot < to; slot++) {
      const at = this.order[slot]! * 6;
      grow(box, boxes, at);
      for (let axis = 0; axis < 3; axis++) {
        const center = boxes[at + axis]! + boxes[at + axis + 3]!;
        centers[axis] = Math.min(centers[axis]!, center);
        centers[axis + 3] = Math.max(centers[axis + 3]!, center);
      }
    }
    this.bounds.set(box, node * 6);
    this.first[node] = from;
    this.count[node] = to - from;
    if (to - from <= LEAF_SIZE) return;

    const extents = [0, 1, 2].map((k) => centers[k + 3]! - centers[k]!);
    const axis = extents.indexOf(Math.max(...extents));
    const extent = extents[axis]!;
    if (extent < EPSILON) return;
    const binOf = (triangle: number): number => {
      const center = boxes[triangle * 6 + axis]! + boxes[triangle * 6 + axis + 3]!;
      return Math.min(BINS - 1, Math.floor(((center - centers[axis]!) / extent) * BINS));
    };
    const cut = this.cheapestCut(from, to, boxes, binOf);
    let middle = from;
    for (let slot = from; slot < to; slot++) {
      const triangle = this.order[slot]!;
      if (binOf(triangle) >= cut) continue;
      this.order[slot] = this.order[middle]!;
      this.order[middle++] = triangle;
    }
    const left = this.nodes;
    this.nodes += 2;
    this.first[node] = left;
    this.count[node] = 0;
    this.split(left, from, middle, boxes);
    this.split(left + 1, middle, to, boxes);
  }

  /** The bin border with the lowest surface area cost; both sides are never empty. */
  private cheapestCut(
    from: number,
    to: number,
    boxes: Float32Array,
    binOf: (triangle: number) => number,
  ): number {
    const bins = Array.from({ length: BINS }, () => ({ box: emptyBounds(), count: 0 }));
    for (let slot = from; slot < to; slot++) {
      const bin = bins[binOf(this.order[slot]!)]!;
      bin.count++;
      grow(bin.box, boxes, this.order[slot]! * 6);
    }
    const costs = new Float64Array(BINS);
    for (const direction of [1, -1]) {
      const box = emptyBounds();
      let count = 0;
      for (let step = 0; step < BINS - 1; step++) {
        const bin = direction > 0 ? step : BINS - 1 - step;
        if (bins[bin]!.count) grow(box, bins[bin]!.box, 0);
        count += bins[bin]!.count;
        costs[direction > 0 ? bin + 1 : bin]! += count ? area(box) * count : Infinity;
      }
    }
    let best = 1;
    for (let cut = 2; cut < BINS; cut++) if (costs[cut]! < costs[best]!) best = cut;
    return best;
  }

  /**
   * Nearest triangle hit before `limit`, or null. With `any`, the first one found will do.
   * The returned object is reused by the next query.
   */
  trace(origin: Vec3, direction: Vec3, limit: number, any = false): Hit | null {
    const { bounds, first, count, edges, stack, hit } = this;
    const [ox, oy, oz] = origin;
    const [dx, dy, dz] = direction;
    const ix = 1 / (Math.abs(dx) > EPSILON ? dx : EPSILON);
    const iy = 1 / (Math.abs(dy) > EPSILON ? dy : EPSILON);
    const iz = 1 / (Math.abs(dz) > EPSILON ? dz : EPSILON);
    const entry = (node: number, nearest: number): number => {
      const at = node * 6;
      const x0 = (bounds[at]! - ox) * ix;
      const x1 = (bounds[at + 3]! - ox) * ix;
      const y0 = (bounds[at + 1]! - oy) * iy;
      const y1 = (bounds[at + 4]! - oy) * iy;
      const z0 = (bounds[at + 2]! - oz) * iz;
      const z1 = (bounds[at + 5]! - oz) * iz;
      const enter = Math.max(Math.min(x0, x1), Math.min(y0, y1), Math.min(z0, z1), 0);
      const leave = Math.min(Math.max(x0, x1), Math.max(y0, y1), Math.max(z0, z1), nearest);
      return enter <= leave ? enter : Infinity;
    };
    let nearest = limit;
    let found = -1;
    let depth = 0;
    let node = entry(0, nearest) < Infinity ? 0 : -1;
    while (node >= 0) {
      if (count[node] === 0) {
        const left = first[node]!;
        const enterLeft = entry(left, nearest);
        const enterRight = entry(left + 1, nearest);
        const near = enterLeft <= enterRight ? left : left + 1;
        if (Math.max(enterLeft, enterRight) < Infinity) stack[depth++] = left + left + 1 - near;
        if (Math.min(enterLeft, enterRight) < Infinity) {
          node = near;
          continue;
        }
      } else {
        const end = first[node]! + count[node]!;
        for (let slot = first[node]!; slot < end; slot++) {
          const at = slot * 9;
          const ax = edges[at + 3]!;
          const ay = edges[at + 4]!;
          const az = edges[at + 5]!;
          const bx = edges[at + 6]!;
          const by = edges[at + 7]!;
          const bz = edges[at + 8]!;
          const px = dy * bz - dz * by;
          const py = dz * bx - dx * bz;
          const pz = dx * by - dy * bx;
          const determinant = ax * px + ay * py + az * pz;
          if (Math.abs(determinant) < 1e-12) continue;
          const inverse = 1 / determinant;
          const sx = ox - edges[at]!;
          const sy = oy - edges[at + 1]!;
          const sz = oz - edges[at + 2]!;
          const u = (sx * px + sy * py + sz * pz) * inverse;
          if (u < 0 || u > 1) continue;
          const qx = sy * az - sz * ay;
          const qy = sz * ax - sx * az;
          const qz = sx * ay - sy * ax;
          const v = (dx * qx + dy * qy + dz * qz) * inverse;
          if (v < 0 || u + v > 1) continue;
          const distance = (bx * qx + by * qy + bz * qz) * inverse;
          if (distance < 1e-4 || distance >= nearest) continue;
          nearest = distance;
          found = slot;
          hit.u = u;
          hit.v = v;
          if (any) break;
        }
      }
      if (any && found >= 0) break;
      node = depth > 0 ? stack[--depth]! : -1;
    }
    if (found < 0) return null;
    hit.distance = nearest;
    hit.triangle = this.order[found]!;
    return hit;
  }
}
