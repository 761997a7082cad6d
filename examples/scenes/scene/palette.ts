/** The colours of the town. */
import { rgb } from './math.ts';
import { Material } from './mesh.ts';
import type { Paint } from './mesh.ts';

export const paint = (material: number, hex: number): Paint => ({ material, color: rgb(hex) });

export const WALLS = [
  0xe8b04a, 0xd9683f, 0xf0d9a8, 0xc94f4a, 0xeaa07a, 0xf3e3c3, 0xdf8f3c, 0xb8453c, 0xf2c46b,
  0xe58d86, 0x7fa8a6, 0xd8c7a0, 0xe9b9a3, 0x9fb58a,
].map(rgb);
export const SHUTTERS = [0x2f6b4f, 0x2c5d7c, 0x3d7a6c, 0x7a3b2a, 0x4f6f8f].map((c) =>
  paint(Material.Plain, c),
);
export const ROOFS = [0xb5603a, 0xa8502f, 0xc07245, 0x9b4a30].map((c) =>
  paint(Material.RoofTile, c),
);
export const AWNINGS = [0xc23b33, 0xe9dcc0, 0x2f7f86, 0xe0a030].map((c) =>
  paint(Material.Cloth, c),
);
export const TRIM = paint(Material.Plain, 0xe9dfc9);
export const TIMBER = paint(Material.Plain, 0x6b4a33);
export const PANE = paint(Material.Glass, 0x1d2730);
export const LAMPLIT = paint(Material.Glow, 0xffb45a);
export const WHITE = paint(Material.Stucco, 0xf4ede0);
export const COPPER = paint(Material.Plain, 0x5f9c8c);
export const IRON = paint(Material.Plain, 0x2a2a2c);
export const RED = paint(Material.Plain, 0xb8322a);
