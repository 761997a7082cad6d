/** The lens and the print: bloom, vignette, grain and the filmic curve of Narkowicz (2015). */
import { clamp, hash, lerp, smoothstep } from './math.ts';

/** Running-sum box blur along one axis: `lines` runs of `length` pixels, `step` pixels apart. */
function blurLines(
  image: Float32Array,
  lines: number,
  lineStep: number,
  length: number,
  step: number,
  radius: number,
): void {
  const line = new Float32Array(length);
  for (let index = 0; index < lines * 3; index++) {
    const start = Math.floor(index / 3) * lineStep * 3 + (index % 3);
    const at = (position: number): number => start + clamp(position, 0, length - 1) * step * 3;
    let sum = 0;
    for (let position = -radius; position <= radius; position++) sum += image[at(position)]!;
    for (let position = 0; position < length; position++) {
      line[position] = sum / (2 * radius + 1);
      sum += image[at(position + radius + 1)]! - image[at(position - radius)]!;
    }
    for (let position = 0; position < length; position++) image[at(position)] = line[position]!;
  }
}

/** Light that spills around the brightest parts: three box blurs come close to a Gaussian. */
function bloomOf(image: Float32Array, width: number, height: number): Float32Array {
  const bloom = image.map((value) => Math.max(value - 1.6, 0));
  const radius = Math.round(width / 110);
  for (let pass = 0; pass < 3; pass++) {
    blurLines(bloom, height, width, width, 1, radius);
    blurLines(bloom, width, 1, height, width, radius);
  }
  return bloom;
}

function filmic(x: number): number {
  return clamp((x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14), 0, 1);
}

/** From linear light to the bytes of the print. */
export function develop(
  image: Float32Array,
  width: number,
  height: number,
  exposure: number,
): Buffer {
  const bloom = bloomOf(image, width, height);
  const bytes = Buffer.alloc(image.length);
  for (let index = 0; index < image.length; index++) {
    const pixel = Math.floor(index / 3);
    const [column, row] = [pixel % width, Math.floor(pixel / width)];
    const fromCenter = Math.hypot(column / width - 0.5, row / height - 0.5);
    const vignette = lerp(1, 0.72, smoothstep(0.35, 0.78, fromCenter));
    const tone = filmic((image[index]! + 0.35 * bloom[index]!) * exposure * vignette);
    const grain = (hash(column, row, 991) - 0.5) * 0.012;
    bytes[index] = Math.round(255 * clamp(Math.pow(tone, 1 / 2.2) + grain, 0, 1));
  }
  return bytes;
}
