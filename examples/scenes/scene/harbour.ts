/**
 * The product's demo picture: a harbour town at golden hour, seen over the parapet of a
 * flower-lined terrace.
 *
 * Techniques: triangles in a bounding volume hierarchy, 9 stratified rays a pixel, soft sun
 * shadows, one traced bounce of sky light, procedural fbm patterns (Perlin 1985), ray-marched
 * clouds, ridged mountains (Musgrave 1994) and Fresnel water (Schlick 1994).
 */
import { buildBoats } from './boats.ts';
import type { Picture } from './frame.ts';
import { buildLand } from './land.ts';
import { Scene } from './light.ts';
import { normalize } from './math.ts';
import type { Vec3 } from './math.ts';
import { MeshBuilder } from './mesh.ts';
import { Panorama } from './sky.ts';
import { buildTerrace } from './terrace.ts';
import { buildTown } from './town.ts';
import { buildHillside } from './trees.ts';

const EYE: Vec3 = [0, 12, 0];
/** Half the picture's width one metre in front of the eye: a 58 degree lens. */
const HALF_WIDTH = 0.554;
const HALF_HEIGHT = (HALF_WIDTH * 2) / 3;
/** Like a shift lens, this moves the horizon up while walls stay upright. */
const LENS_SHIFT = -0.035;
/** Caps single rays, so that one lucky sparkle cannot burn out its pixel. */
const BRIGHTEST = 24;

function buildScene(width: number): Scene {
  const mesh = new MeshBuilder();
  buildLand(mesh);
  buildTown(mesh);
  buildBoats(mesh);
  buildHillside(mesh);
  buildTerrace(mesh, EYE);
  const pixelsPerRadian = width / (2 * HALF_WIDTH);
  return new Scene(mesh, Panorama.bake(pixelsPerRadian));
}

export const harbour: Picture = {
  file: 'sample.jpg',
  width: 1536,
  height: 1024,
  grid: 3,
  exposure: 0.74,
  expose(frame) {
    const scene = buildScene(frame.width);
    return frame.expose((x, y, dice) => {
      const direction = normalize([x * HALF_WIDTH, y * HALF_HEIGHT + LENS_SHIFT, 1]);
      const [r, g, b] = scene.see(EYE, direction, dice);
      return [Math.min(r, BRIGHTEST), Math.min(g, BRIGHTEST), Math.min(b, BRIGHTEST)];
    });
  },
};
