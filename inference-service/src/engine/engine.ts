import type { Size } from '@stylizer/common';

/** 8-bit sRGB, three interleaved channels, rows from the top. */
export interface Pixels extends Size {
  data: Uint8Array<ArrayBuffer>;
}

/** What the style encoder says of a picture; codes are linear and can be blended. */
export type StyleCode = Float32Array;

/** Mean and 1/deviation of every channel that is normalised, as the network lays them out. */
export type Statistics = Float32Array;

/** Where a tile begins in its picture, in pixels: multiples of {@link SIZE_MULTIPLE}. */
export interface Origin {
  left: number;
  top: number;
}

/** One picture for the network. Its sides are multiples of {@link SIZE_MULTIPLE} and at least {@link MIN_NETWORK_SIDE}. */
export interface Run {
  content: Pixels;
  code: StyleCode;
  /** Of the whole picture that `content` is a tile of; absent: taken from `content`. */
  statistics?: Statistics | undefined;
  /** Where `content` begins in that picture, on which its noise depends; absent: at the picture's own beginning. */
  origin?: Origin | undefined;
}

/** The network on some runtime. Lives in a thread of its own: a run may block the thread it is called on. */
export interface Engine {
  /** For people: `onnx`, … */
  readonly name: string;
  /** For people: `cpu`, `cuda`, … */
  readonly device: string;
  /** The code of a picture of {@link STYLE_SIDE} squared. */
  encode(picture: Pixels): Promise<StyleCode>;
  /**
   * Pictures of one size, each under its own code; all of them with statistics, or none. What comes
   * back may lie in the memory of what was given.
   */
  stylize(batch: readonly Run[]): Promise<Pixels[]>;
  /** Joint statistics of crops, all of one size, under a style. Noise is as if each were a picture. */
  statistics(crops: readonly Pixels[], code: StyleCode): Promise<Statistics>;
}

/** Numbers in a style code. */
export const CODE_LENGTH = 128;

/** Side in pixels of the square picture that the style encoder takes. */
export const STYLE_SIDE = 256;

/** The trunk runs at an eighth of the resolution; tiles keep its phase only at multiples of this. */
export const SIZE_MULTIPLE = 8;

/** Reflection padding at an eighth of the resolution needs two pixels. */
export const MIN_NETWORK_SIDE = 16;

/** Pixels at a cut edge that lack context: the receptive field's radius is 88. */
export const TILE_MARGIN = 96;
