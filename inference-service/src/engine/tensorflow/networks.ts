import type { Tensor2D, Tensor3D, Tensor4D } from '@tensorflow/tfjs-core';
import type { Origin } from '../engine.js';

/** Images: n x height x width x RGB. */
export type Image = Tensor4D;

/**
 * The two networks on TensorFlow.js: float32 pixels in 0 to 255, in and out. The caller disposes of inputs
 * and outputs; nothing else is kept.
 */
export interface Networks {
  /** An image 1 x 256 x 256 x 3 to its code 1 x 128. */
  encode(style: Image): Tensor2D;
  /**
   * @param codes n x 128
   * @param origins the position of each tile in its image
   * @param statistics n x channels x (mean, 1/deviation); absent: computed per image
   */
  stylize(
    content: Image,
    codes: Tensor2D,
    origins: readonly Origin[],
    statistics?: Tensor3D,
  ): Image;
  /** Joint statistics of all images: 1 x channels x (mean, 1/deviation). */
  statistics(content: Image, codes: Tensor2D): Tensor3D;
}
