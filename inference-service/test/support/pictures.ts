import sharp, { type Sharp } from 'sharp';

/** Sky, sun, hills and a house: edges, a gradient and colour, so that a style has work to do. */
export function scene(width = 96, height = 64): Sharp {
  const data = new Uint8Array(3 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(colourAt(x / width, y / height), 3 * (y * width + x));
  return sharp(data, { raw: { width, height, channels: 3 } });
}

function colourAt(x: number, y: number): [number, number, number] {
  if (x > 0.3 && x < 0.46 && y > 0.7)
    return y > 0.8 && x > 0.36 && x < 0.42 ? [40, 30, 30] : [168, 62, 50];
  if (y > 0.62 + 0.15 * Math.sin(9 * x) * Math.cos(4 * x)) return [59, 107 + 40 * (1 - y), 74];
  if (Math.hypot(x - 0.73, (y - 0.25) * 0.7) < 0.09) return [255, 243, 192];
  return [74 + 171 * y, 144 + 73 * y, 217 - 49 * y];
}

/** An incompressible picture: its file is as large as its pixels. */
export const noise = (width: number, height: number): Sharp =>
  sharp({
    create: {
      width,
      height,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });

/** Peak signal-to-noise ratio in dB between two pictures of one size. */
export async function psnr(a: Buffer, b: Buffer): Promise<number> {
  const [left, right] = await Promise.all([a, b].map((bytes) => sharp(bytes).raw().toBuffer()));
  if (!left || !right || left.length !== right.length) throw new Error('The sizes differ.');
  const squares = left.reduce((sum, value, i) => sum + (value - (right[i] ?? 0)) ** 2, 0);
  return squares === 0 ? Infinity : 10 * Math.log10((255 ** 2 * left.length) / squares);
}

/** Mean of each channel, 0..255. */
export async function meanColour(bytes: Buffer): Promise<number[]> {
  const { channels } = await sharp(bytes).stats();
  return channels.map(({ mean }) => mean);
}
