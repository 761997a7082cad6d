import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Origin } from '../engine.js';

/** Pictures: n x height x width x RGB. */
export type Image = Tensor4D;

/**
 * The two networks over TensorFlow.js, pixels in and pixels out in 0 to 255, float32. Whoever calls
 * disposes of what goes in and of what comes out; all else is gone on return.
 */
export interface Networks {
  /** A picture 1 x 256 x 256 x 3 to its code 1 x 128. */
  encode(style: Image): Tensor2D;
  /**
   * @param codes n x 128
   * @param origins where each picture begins in the one that it is a tile of
   * @param statistics n x channels x (mean, 1/deviation); absent: each picture's own
   */
  stylize(
    content: Image,
    codes: Tensor2D,
    origins: readonly Origin[],
    statistics?: Tensor3D,
  ): Image;
  /** Joint statistics of all pictures: 1 x channels x (mean, 1/deviation). */
  statistics(content: Image, codes: Tensor2D): Tensor3D;
}
