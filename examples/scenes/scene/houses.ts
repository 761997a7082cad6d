/** One house: walls, windows with shutters, balconies, doorway, awning, tiled roof, chimney. */
import { lerp, pick } from './math.ts';
import type { Random } from './math.ts';
import { Material } from './mesh.ts';
import type { MeshBuilder, Paint } from './mesh.ts';
import { AWNINGS, IRON, LAMPLIT, PANE, ROOFS, SHUTTERS, TIMBER, TRIM, paint } from './palette.ts';

const FLOOR = 3.1;

/** A window in a wall whose outside faces local -z, centred at `x`, sill at `y`. */
function addWindow(
  mesh: MeshBuilder,
  x: number,
  y: number,
  shutters: Paint | null,
  pane: Paint,
): void {
  const [half, height] = [0.5, 1.55];
  mesh.box([x - half - 0.12, y - 0.14, -0.1], [x + half + 0.12, y + height + 0.14, 0], TRIM);
  mesh.quad(
    [x - half, y, -0.12],
    [x + half, y, -0.12],
    [x + half, y + height, -0.12],
    [x - half, y + height, -0.12],
    pane,
  );
  mesh.box([x - 0.04, y, -0.15], [x + 0.04, y + height, -0.1], TRIM);
  mesh.box([x - half - 0.2, y - 0.26, -0.25], [x + half + 0.2, y - 0.14, 0], TRIM);
  if (!shutters) return;
  for (const side of [-1, 1]) {
    const [inner, outer] = [x + side * (half + 0.06), x + side * (half + 0.62)];
    mesh.box(
      [Math.min(inner, outer), y, -0.2],
      [Math.max(inner, outer), y + height, -0.06],
      shutters,
    );
  }
}

/** Rows of windows over one wall, which is `width` wide and starts at the local origin. */
function addWindows(
  mesh: MeshBuilder,
  width: number,
  floors: number,
  shutters: Paint,
  random: Random,
): void {
  const columns = Math.max(1, Math.floor(width / 2.5));
  for (let floor = 0; floor < floors; floor++) {
    for (let column = 0; column < columns; column++) {
      if (random() < 0.07) continue;
      const x = ((column + 0.5) * width) / columns;
      const pane = random() < 0.07 ? LAMPLIT : PANE;
      addWindow(mesh, x, floor * FLOOR + 1, random() < 0.85 ? shutters : null, pane);
      if (floor > 0 && random() < 0.16) addBalcony(mesh, x, floor * FLOOR + 0.55);
    }
  }
}

function addBalcony(mesh: MeshBuilder, x: number, y: number): void {
  mesh.box([x - 1, y, -0.9], [x + 1, y + 0.14, 0], TRIM);
  mesh.box([x - 1, y + 0.95, -0.9], [x + 1, y + 1.02, -0.84], IRON);
  for (let rod = 0; rod <= 10; rod++) {
    const at = x - 1 + rod * 0.2;
    mesh.box([at - 0.02, y, -0.9], [at + 0.02, y + 1, -0.86], IRON);
  }
}

function addDoorway(mesh: MeshBuilder, x: number, random: Random): void {
  mesh.box([x - 0.85, 0, -0.1], [x + 0.85, 2.55, 0], TRIM);
  mesh.box([x - 0.65, 0, -0.14], [x + 0.65, 2.35, -0.05], pick(SHUTTERS, random));
  if (random() < 0.55) {
    const cloth = pick(AWNINGS, random);
    mesh.quad(
      [x - 1.9, 2.35, -2.1],
      [x + 1.9, 2.35, -2.1],
      [x + 1.9, 3, 0],
      [x - 1.9, 3, 0],
      cloth,
    );
    mesh.quad(
      [x - 1.9, 2.05, -2.1],
      [x + 1.9, 2.05, -2.1],
      [x + 1.9, 2.35, -2.1],
      [x - 1.9, 2.35, -2.1],
      cloth,
    );
  }
}

/** Pitched roof with its ridge along x over the box 0..width by 0..depth, eaves at `y`. */
export function addRoof(
  mesh: MeshBuilder,
  width: number,
  depth: number,
  y: number,
  rise: number,
  tile: Paint,
  wall: Paint,
): void {
  const lip = 0.45;
  const drop = (rise * lip) / (depth / 2);
  const ridge = y + rise;
  for (const [eave, middle] of [
    [-lip, depth / 2],
    [depth + lip, depth / 2],
  ] as const) {
    const low = y - drop;
    mesh.quad(
      [-lip, low, eave],
      [width + lip, low, eave],
      [width + lip, ridge, middle],
      [-lip, ridge, middle],
      tile,
    );
    mesh.quad(
      [-lip, low - 0.22, eave],
      [width + lip, low - 0.22, eave],
      [width + lip, low, eave],
      [-lip, low, eave],
      TIMBER,
    );
    for (const x of [-lip, width + lip]) {
      mesh.quad(
        [x, low - 0.22, eave],
        [x, ridge - 0.22, middle],
        [x, ridge, middle],
        [x, low, eave],
        TIMBER,
      );
    }
  }
  for (const x of [0, width]) {
    mesh.triangle(
      [
        [x, y, 0],
        [x, y, depth],
        [x, ridge, depth / 2],
      ],
      wall,
    );
  }
  mesh.bar([-lip, ridge, depth / 2], [width + lip, ridge, depth / 2], 0.16, tile);
}

/** A house standing on local y = 0, front wall on z = 0, with a footing that reaches into the hill. */
export function addHouse(
  mesh: MeshBuilder,
  width: number,
  depth: number,
  floors: number,
  wall: Paint,
  random: Random,
): void {
  const height = floors * FLOOR + 0.5;
  const shutters = pick(SHUTTERS, random);
  mesh.box([0, -7, 0], [width, height, depth], wall);
  mesh.box([-0.06, -7, -0.06], [width + 0.06, 0.7, depth], paint(Material.Stone, 0x9a8b78));
  mesh.box([-0.08, height - 0.3, -0.12], [width + 0.08, height - 0.05, depth], TRIM);
  addWindows(mesh, width, floors, shutters, random);
  addDoorway(mesh, width * lerp(0.35, 0.65, random()), random);
  mesh.place([width, 0, 0], -Math.PI / 2, () => {
    addWindows(mesh, depth, floors, shutters, random);
  });
  if (random() < 0.16) {
    mesh.box([-0.1, height, -0.1], [width + 0.1, height + 0.9, 0.25], wall);
    mesh.box([-0.1, height, 0], [0.2, height + 0.9, depth], wall);
    mesh.box([0, height, 0], [width, height + 0.1, depth], paint(Material.Stone, 0xb98f6c));
  } else {
    addRoof(mesh, width, depth, height, lerp(1.5, 2.3, random()), pick(ROOFS, random), wall);
  }
  const x = width * lerp(0.2, 0.8, random());
  mesh.box([x, height, depth * 0.6], [x + 0.7, height + 3, depth * 0.6 + 0.7], wall);
  mesh.box(
    [x - 0.1, height + 3, depth * 0.6 - 0.1],
    [x + 0.8, height + 3.2, depth * 0.6 + 0.8],
    TIMBER,
  );
}
