/** A garden far out of focus: soft masses of green under gold, and discs where light gets through. */
import {
  clamp,
  createRandom,
  cross,
  dot,
  fbm2,
  hash,
  lerp,
  mix,
  normalize,
  pick,
  rgb,
  scale,
  smoothstep,
  sub,
} from '../scene/math.ts';
import type { Vec3 } from '../scene/math.ts';
import type { Camera } from '../scene/studio.ts';

const WIDTH = 768;
const GLINTS = [0xffd98a, 0xffc46a, 0xf6e7b0, 0xe8d27a, 0xb9cf6a, 0xf0a890, 0xe88aa0].map(rgb);

function garden(x: number, y: number): Vec3 {
  const leaves = fbm2(x * 1.5 + 3, y * 1.5 + 7, 3);
  const low = mix(rgb(0x1f3d34), rgb(0x456a3c), smoothstep(0.3, 0.7, leaves));
  const high = mix(rgb(0x6f8a48), rgb(0xe9c574), smoothstep(0.35, 0.75, leaves + 0.12 * x));
  const height = smoothstep(-0.7, 1.25, y + 0.45 * x + 0.5 * (fbm2(x * 0.9, y * 0.9, 2) - 0.5));
  return scale(mix(low, high, height), lerp(0.5, 0.95, height));
}

export class Bokeh {
  private readonly pixels: Float32Array;
  private readonly height: number;
  private readonly shape: number;
  private readonly camera: Camera;

  /** `shape`: height over width. */
  constructor(camera: Camera, shape: number) {
    this.camera = camera;
    this.shape = shape;
    this.height = Math.ceil(WIDTH * shape);
    this.pixels = new Float32Array(WIDTH * this.height * 3);
    for (let pixel = 0; pixel < WIDTH * this.height; pixel++) {
      const x = ((pixel % WIDTH) / WIDTH) * 2 - 1;
      const y = shape * (1 - (Math.floor(pixel / WIDTH) / this.height) * 2);
      this.pixels.set(garden(x, y), pixel * 3);
    }
    const random = createRandom(23);
    for (let glint = 0; glint < 190; glint++) this.addGlint(random);
  }

  /** One disc, brighter at its rim, as a fast lens draws a point of light. */
  private addGlint(random: () => number): void {
    const [x, y] = [random(), Math.pow(random(), 1.35)];
    const radius = WIDTH * lerp(0.018, 0.06, random());
    const strength = Math.pow(random(), 2) * lerp(0.5, 0.1, y) + 0.03;
    const color = scale(pick(GLINTS, random), strength * 1.5);
    const [cx, cy] = [x * WIDTH, y * this.height];
    for (
      let row = Math.max(0, Math.floor(cy - radius));
      row < Math.min(this.height, cy + radius);
      row++
    ) {
      for (
        let column = Math.max(0, Math.floor(cx - radius));
        column < Math.min(WIDTH, cx + radius);
        column++
      ) {
        const reach = Math.hypot(column - cx, row - cy) / radius;
        const disc = smoothstep(1, 0.9, reach) * lerp(0.65, 1, smoothstep(0.5, 0.95, reach));
        for (let k = 0; k < 3; k++)
          this.pixels[(row * WIDTH + column) * 3 + k]! += disc * color[k]!;
      }
    }
  }

  look(direction: Vec3): Vec3 {
    const { eye, target, halfWidth } = this.camera;
    const ahead = normalize(sub(target, eye));
    const right = normalize(cross([0, 1, 0], ahead));
    const depth = dot(direction, ahead);
    const x = dot(direction, right) / depth / halfWidth;
    const y = dot(direction, cross(ahead, right)) / depth / halfWidth;
    const column = clamp(((x + 1) / 2) * WIDTH, 0, WIDTH - 1.001);
    const row = clamp(((1 - y / this.shape) / 2) * this.height, 0, this.height - 1.001);
    const [i, j] = [Math.floor(column), Math.floor(row)];
    const texel = (a: number, b: number): Vec3 => {
      const at = (Math.min(b, this.height - 1) * WIDTH + Math.min(a, WIDTH - 1)) * 3;
      return [this.pixels[at]!, this.pixels[at + 1]!, this.pixels[at + 2]!];
    };
    const upper = mix(texel(i, j), texel(i + 1, j), column - i);
    const lower = mix(texel(i, j + 1), texel(i + 1, j + 1), column - i);
    return scale(mix(upper, lower, row - j), 1 + 0.01 * hash(i, j));
  }
}
