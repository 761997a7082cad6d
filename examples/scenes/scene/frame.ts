/** The rays of a picture: where each goes through the frame, and the chances it may take. */
import { hash } from './math.ts';
import type { Vec3 } from './math.ts';

/** Two numbers in [0, 1) that differ from sample to sample. */
export type Dice = (dimension: number) => [number, number];

/** One scene; sizes are those of the finished picture, in pixels. */
export interface Picture {
  file: string;
  width: number;
  height: number;
  /** Rays a pixel, along each side. */
  grid: number;
  exposure: number;
  /** Linear light, three numbers a pixel. */
  expose(frame: Frame): Float32Array;
}

export class Frame {
  readonly width: number;
  readonly height: number;
  private readonly grid: number;

  constructor(width: number, height: number, grid: number) {
    this.width = width;
    this.height = height;
    this.grid = grid;
  }

  get rays(): number {
    return this.grid * this.grid;
  }

  /** Calls `see` for every ray of a pixel; x runs from -1 (left) to 1, y from -1 (bottom) to 1. */
  eachRay(column: number, row: number, see: (x: number, y: number, dice: Dice) => void): void {
    for (let ray = 0; ray < this.rays; ray++) {
      const offsetX = ((ray % this.grid) + hash(column, row, ray + 31)) / this.grid;
      const offsetY = (Math.floor(ray / this.grid) + hash(row, column, ray + 31)) / this.grid;
      const x = ((column + offsetX) / this.width) * 2 - 1;
      const y = 1 - ((row + offsetY) / this.height) * 2;
      see(x, y, this.diceFor(column, row, ray));
    }
  }

  /** The mean of `see` over each pixel. */
  expose(see: (x: number, y: number, dice: Dice) => Vec3): Float32Array {
    const image = new Float32Array(this.width * this.height * 3);
    for (let row = 0; row < this.height; row++) {
      for (let column = 0; column < this.width; column++) {
        const sum: Vec3 = [0, 0, 0];
        this.eachRay(column, row, (x, y, dice) => {
          const light = see(x, y, dice);
          for (let k = 0; k < 3; k++) sum[k]! += light[k]! / this.rays;
        });
        image.set(sum, (row * this.width + column) * 3);
      }
    }
    return image;
  }

  /** Jittered samples that, over the rays of one pixel, cover the unit square evenly. */
  private diceFor(column: number, row: number, ray: number): Dice {
    return (dimension) => {
      const turn = Math.floor(hash(column, row, dimension) * this.rays);
      const cell = (ray * 7 + turn) % this.rays;
      const seed = 100 + ray * 8 + dimension;
      const a = (cell % this.grid) + hash(column, row, seed);
      const b = Math.floor(cell / this.grid) + hash(row, column, seed);
      return [a / this.grid, b / this.grid];
    };
  }
}
