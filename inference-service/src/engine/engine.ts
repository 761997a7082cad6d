/** RGB as the network takes it: three planes of `height` x `width` float32 in [0, 1]. */
export interface Planes {
  data: Float32Array;
  width: number;
  height: number;
}

/** What the style encoder says of a picture; codes are linear and can be blended. */
export type StyleCode = Float32Array;

/** Mean and 1/deviation of every instance norm, as the statistics graph lays them out. */
export type Statistics = Float32Array;

/**
 * The network on some runtime. Lives in a thread of its own: a run may block the thread it is
 * called on. Sides of `content` are multiples of {@link SIZE_MULTIPLE} and at least
 * {@link MIN_NETWORK_SIDE}.
 */
export interface Engine {
  /** For people: `onnx`, … */
  readonly name: string;
  /** For people: `cpu`, … */
  readonly device: string;
  /** The code of a picture of {@link STYLE_SIDE} squared. */
  encode(picture: Planes): Promise<StyleCode>;
  stylize(content: Planes, code: StyleCode): Promise<Planes>;
  /** Joint statistics of crops, all of one size, under a style. */
  statistics(crops: readonly Planes[], code: StyleCode): Promise<Statistics>;
  /** As `stylize`, with the norms' statistics given and not taken from `content`. */
  tile(content: Planes, code: StyleCode, statistics: Statistics): Promise<Planes>;
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
