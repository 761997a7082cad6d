import type { Size } from '@stylizer/common';

/** 8-bit sRGB, three interleaved channels, rows from the top. */
export interface Pixels extends Size {
  data: Uint8Array<ArrayBuffer>;
}

/** The style encoder's output for an image; codes are linear and can be blended. */
export type StyleCode = Float32Array;

/** Mean and 1/deviation of every normalized channel, in the network's order. */
export type Statistics = Float32Array;

/** Position of a tile in its image, in pixels: multiples of {@link SIZE_MULTIPLE}. */
export interface Origin {
  left: number;
  top: number;
}

/** One image for the network. Its sides are multiples of {@link SIZE_MULTIPLE} and at least {@link MIN_NETWORK_SIDE}. */
export interface Run {
  content: Pixels;
  code: StyleCode;
  /** Of the image that `content` is a tile of; absent: computed from `content`. */
  statistics?: Statistics | undefined;
  /** Position of `content` in that image, on which its noise depends; absent: 0, 0. */
  origin?: Origin | undefined;
}

/** The network on a runtime. A run may block its thread, so it runs on a worker thread. */
export interface Engine {
  /** For display: `onnx`, … */
  readonly name: string;
  /** For display: `cpu`, `cuda`, … */
  readonly device: string;
  /** @param image a square of {@link STYLE_SIDE}. */
  encode(image: Pixels): Promise<StyleCode>;
  /**
   * Images of one size, each with its own code; all with statistics, or none. The result may reuse the
   * memory of the input.
   */
  stylize(batch: readonly Run[]): Promise<Pixels[]>;
  /** Joint statistics of crops of one size in a style. Each crop gets the noise of a whole image. */
  statistics(crops: readonly Pixels[], code: StyleCode): Promise<Statistics>;
}

/** Length of a style code. */
export const CODE_LENGTH = 128;

/** Side of the style encoder's square input, in pixels. */
export const STYLE_SIDE = 256;

/** The trunk runs at an eighth of the resolution; tiles keep its phase only at multiples of this. */
export const SIZE_MULTIPLE = 8;

/** Reflection padding at an eighth of the resolution needs two pixels. */
export const MIN_NETWORK_SIDE = 16;

/** Pixels at a cut edge that lack context: the receptive field's radius is 88. */
export const TILE_MARGIN = 96;
