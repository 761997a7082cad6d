/** The church with its dome and bell tower, and the lighthouse on the point. */
import { addHouse, addRoof } from './houses.ts';
import { groundPoint, shoreFrame, shoreX } from './land.ts';
import { createRandom, lerp } from './math.ts';
import type { Vec3 } from './math.ts';
import { Material } from './mesh.ts';
import type { MeshBuilder, Paint } from './mesh.ts';
import { COPPER, IRON, LAMPLIT, RED, ROOFS, TIMBER, TRIM, WHITE, paint } from './palette.ts';

export const CHURCH = groundPoint(131, 45);

export function addChurch(mesh: MeshBuilder): void {
  const ochre = paint(Material.Stucco, 0xf0c98a);
  const [x, y, z] = CHURCH;
  mesh.place([x, y + 1.5, z], shoreFrame(z).yaw + 0.42, () => {
    mesh.box([-6, -9, 0], [6, 11, 20], ochre);
    mesh.place([6, 0, 0], -Math.PI / 2, () => addRoof(mesh, 20, 12, 11, 4, ROOFS[0]!, ochre));
    mesh.box([-6.3, 10.6, -0.3], [6.3, 11.1, 0], TRIM);
    mesh.box([-1.5, 0, -0.2], [1.5, 4.4, 0], TIMBER);
    mesh.lathe([0, 0, 11], [4.6, 11, 4.6, 16.5, 5, 16.6, 5, 17], 20, WHITE);
    mesh.lathe(
      [0, 17, 11],
      [4.8, 0, 4.4, 2, 3.4, 3.8, 1.9, 5, 0.6, 5.6, 0.5, 7.2, 0, 7.6],
      20,
      COPPER,
    );
    mesh.place([-10.5, 0, 2], 0, () => addBellTower(mesh, ochre));
  });
}

function addBellTower(mesh: MeshBuilder, wall: Paint): void {
  mesh.box([-2.6, -9, -2.6], [2.6, 22, 2.6], wall);
  for (const y of [7, 14, 21.5]) mesh.box([-2.9, y, -2.9], [2.9, y + 0.5, 2.9], TRIM);
  for (let side = 0; side < 4; side++) {
    mesh.place([0, 0, 0], (side * Math.PI) / 2, () => {
      mesh.box([-0.9, 15.6, -2.64], [0.9, 19.2, -2.5], IRON);
      mesh.surface(10, 1, IRON, [1, 1], (u, v) => [
        0.9 * v * Math.cos(u * Math.PI),
        19.2 + 0.9 * v * Math.sin(u * Math.PI),
        -2.64,
      ]);
      mesh.box([-0.3, 9, -2.66], [0.3, 11, -2.5], IRON);
    });
  }
  mesh.lathe(
    [0, 22, 0],
    [2.3, 0, 2.3, 2.6, 2.6, 2.7, 2.5, 3.6, 1.9, 5, 0.9, 6.2, 0.35, 7, 0.12, 8.6],
    16,
    COPPER,
  );
  mesh.bar([0, 30.4, 0], [0, 32.4, 0], 0.09, IRON);
  mesh.bar([-0.6, 31.7, 0], [0.6, 31.7, 0], 0.09, IRON);
}

export function addLighthouse(mesh: MeshBuilder): void {
  const z = 187;
  const base: Vec3 = [shoreX(z) + 1, 1.5, z];
  mesh.lathe(
    base,
    [6.5, -3, 5.6, 3, 5.9, 3.1, 5.9, 3.6, 0, 3.7],
    24,
    paint(Material.Stone, 0xb0a08a),
  );
  const radius = (y: number): number => lerp(2.5, 1.75, (y - 3) / 17);
  [3, 7.5, 11.5, 15.5, 19].forEach((y, band, levels) => {
    const top = levels[band + 1];
    if (!top) return;
    mesh.lathe(base, [radius(y), y, radius(top), top], 24, band % 2 ? RED : WHITE);
  });
  mesh.lathe(base, [1.7, 18.8, 2.7, 19.3, 2.7, 19.7, 0, 19.7], 24, WHITE);
  mesh.lathe(base, [2.6, 20.6, 2.6, 20.75], 24, IRON);
  for (let post = 0; post < 14; post++) {
    const angle = (post / 14) * Math.PI * 2;
    const [x, across] = [base[0] + 2.6 * Math.cos(angle), base[2] + 2.6 * Math.sin(angle)];
    mesh.bar([x, base[1] + 19.6, across], [x, base[1] + 20.7, across], 0.06, IRON);
  }
  mesh.lathe(base, [1.2, 19.7, 1.2, 22], 12, LAMPLIT);
  mesh.lathe(base, [1.65, 22, 1.2, 22.9, 0.4, 23.6, 0.12, 23.8, 0.1, 25.4], 16, RED);
  mesh.place([base[0] + 9, 2.2, z + 1], shoreFrame(150).yaw, () =>
    addHouse(mesh, 8, 6, 1, WHITE, createRandom(5)),
  );
}
