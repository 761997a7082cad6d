/**
 * Smooths the light of a picture but not its drawing: the edge-avoiding a-trous wavelets of
 * Dammertz et al. (2010), over light divided by albedo so that patterns stay sharp.
 */
export interface Layers {
  light: Float32Array;
  albedo: Float32Array;
  normal: Float32Array;
  /** One number a pixel; the others have three. */
  distance: Float32Array;
}

const KERNEL = [1 / 16, 1 / 4, 3 / 8, 1 / 4, 1 / 16];
const NORMAL_SPREAD = 0.06;
const ALBEDO_SPREAD = 0.03;
const DISTANCE_SPREAD = 0.06;
const LIGHT_SPREAD = 0.14;

export function denoise(
  layers: Layers,
  width: number,
  height: number,
  passes: number,
): Float32Array {
  const floor = 0.02;
  let light: Float32Array = layers.light.map(
    (value, at) => value / Math.max(layers.albedo[at]!, floor),
  );
  for (let pass = 0; pass < passes; pass++) {
    light = smoothed(light, layers, width, height, 1 << pass);
  }
  return light.map((value, at) => value * Math.max(layers.albedo[at]!, floor));
}

function smoothed(
  light: Float32Array,
  { albedo, normal, distance }: Layers,
  width: number,
  height: number,
  step: number,
): Float32Array {
  const result = new Float32Array(light.length);
  const squared = (layer: Float32Array, a: number, b: number): number => {
    const x = layer[a]! - layer[b]!;
    const y = layer[a + 1]! - layer[b + 1]!;
    const z = layer[a + 2]! - layer[b + 2]!;
    return x * x + y * y + z * z;
  };
  const tone = light.map((value) => value / (1 + value));
  const sum = new Float64Array(4);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const [column, row] = [pixel % width, Math.floor(pixel / width)];
    sum.fill(0);
    for (let tap = 0; tap < 25; tap++) {
      const x = column + ((tap % 5) - 2) * step;
      const y = row + (Math.floor(tap / 5) - 2) * step;
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      const other = y * width + x;
      const [a, b] = [pixel * 3, other * 3];
      const unlike =
        squared(normal, a, b) / NORMAL_SPREAD +
        squared(albedo, a, b) / ALBEDO_SPREAD +
        Math.abs(distance[pixel]! - distance[other]!) / (DISTANCE_SPREAD * step) +
        (squared(tone, a, b) * step) / LIGHT_SPREAD;
      const weight = KERNEL[tap % 5]! * KERNEL[Math.floor(tap / 5)]! * Math.exp(-unlike);
      for (let k = 0; k < 3; k++) sum[k]! += weight * light[b + k]!;
      sum[3]! += weight;
    }
    for (let k = 0; k < 3; k++) result[pixel * 3 + k] = sum[k]! / sum[3]!;
  }
  return result;
}
