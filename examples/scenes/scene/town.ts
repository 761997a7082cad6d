/** The town: terraces of houses up the hill, its landmarks, and life on the quay. */
import { addHouse } from './houses.ts';
import { QUAY_END, groundPoint, shoreFrame } from './land.ts';
import { CHURCH, addChurch, addLighthouse } from './landmarks.ts';
import { createRandom, lerp, mix, pick, scale } from './math.ts';
import { Material } from './mesh.ts';
import type { MeshBuilder } from './mesh.ts';
import { AWNINGS, IRON, LAMPLIT, SHUTTERS, TIMBER, WALLS } from './palette.ts';

/** Terraces of houses: each row follows the shore at its own distance up the hill. */
function addHouses(mesh: MeshBuilder): void {
  const random = createRandom(2024);
  const rows = [15, 28, 40, 52, 65, 80, 96];
  rows.forEach((inland, row) => {
    let z = 34 + row * 3;
    const end = QUAY_END - 4 - row * 7;
    while (z < end) {
      const width = lerp(5.5, 9.5, random());
      const { yaw, stretch } = shoreFrame(z);
      const sparse = row === 0 ? 0.03 : 0.06 + row * 0.05;
      const ground = groundPoint(z, inland + (row ? 4 * (random() - 0.5) : 1.5 * random()));
      const floors = row === 0 ? 2 + Math.floor(random() * 3.2) : 2 + Math.floor(random() * 2.4);
      const wall = {
        material: Material.Stucco,
        color: scale(mix(pick(WALLS, random), [1, 1, 1], 0.04), 0.95),
      };
      const nearChurch = Math.hypot(ground[0] - CHURCH[0], z - CHURCH[2]) < 17;
      if (random() >= sparse && !nearChurch) {
        const turn = row ? 0.35 * (random() - 0.5) : 0;
        mesh.place(ground, yaw + turn, () => {
          mesh.place([-width / 2, 0, 0], 0, () =>
            addHouse(mesh, width, lerp(8, 10.5, random()), floors, wall, random),
          );
        });
      }
      const gap = row === 0 ? 0.15 : 1 + 4 * random();
      z += (width + gap) / stretch;
    }
  });
}

/** Life on the quay: cafe parasols, people out for a walk, lamp posts. */
function addQuaysideLife(mesh: MeshBuilder): void {
  const random = createRandom(58);
  for (let z = 44; z < QUAY_END - 12; z += lerp(1.2, 2.8, random())) {
    const foot = groundPoint(z, lerp(1.5, 10, random()));
    const kind = random();
    if (kind < 0.3) {
      const cloth = pick(AWNINGS, random);
      mesh.bar(foot, [foot[0], foot[1] + 2.5, foot[2]], 0.05, TIMBER);
      mesh.lathe(foot, [1.5, 2.1, 1.45, 2.35, 0, 2.85], 8, cloth);
    } else if (kind < 0.42) {
      mesh.bar(foot, [foot[0], foot[1] + 4, foot[2]], 0.07, IRON);
      mesh.lathe(foot, [0, 3.9, 0.22, 4.05, 0.25, 4.4, 0, 4.6], 8, LAMPLIT);
    } else {
      const tall = lerp(0.9, 1.08, random());
      const legs = [0.1, 0, 0.17, 0.8 * tall];
      const body = [0.19, 0.75 * tall, 0.25, 1.35 * tall, 0.1, 1.5];
      mesh.lathe(foot, legs, 6, pick(SHUTTERS, random));
      mesh.lathe(foot, body, 8, { material: Material.Plain, color: pick(WALLS, random) });
      mesh.lathe(foot, [0, 1.5, 0.13, 1.6, 0.12, 1.72, 0, 1.8], 8, TIMBER);
    }
  }
}

export function buildTown(mesh: MeshBuilder): void {
  addQuaysideLife(mesh);
  addHouses(mesh);
  addChurch(mesh);
  addLighthouse(mesh);
}
