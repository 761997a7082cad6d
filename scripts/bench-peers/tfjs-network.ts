import * as tf from '@tensorflow/tfjs-core';
import type { Weights } from './tfjs-weights.js';

type Image = tf.Tensor4D;

/** Residual blocks at an eighth and at a quarter of the resolution. */
const BLOCKS_8 = 4;
const BLOCKS_4 = 1;
const EPSILON = 1e-5;

/**
 * Our network, layer by layer as it was trained, on images of 1 x height x width x RGB in [0, 1].
 * Frees what it no longer needs as it goes: at 2048 x 2048 all of it together would not fit.
 */
export function createTfjsNetwork(weights: Weights): (content: Image, z: tf.Tensor2D) => Image {
  const conv = (name: string, stride = 1) => convolution(weights.filter(`${name}.weight`), stride);
  /** Instance norm whose gain and offset follow from the style's code. */
  const norm = (name: string) => {
    const matrix = weights.matrix(`${name}.fc.weight`);
    const bias = weights.vector(`${name}.fc.bias`);
    return (x: Image, z: tf.Tensor2D): Image => {
      const affine = tf.add(tf.matMul(z, matrix, false, true), bias);
      const [gain, offset] = tf.split(vector(affine), 2) as [tf.Tensor1D, tf.Tensor1D];
      const { mean, variance } = tf.moments(x, [1, 2]);
      return tf.batchNorm4d(x, vector(mean), vector(variance), offset, gain, EPSILON);
    };
  };
  const layer = (convName: string, normName: string, stride = 1) => {
    const [c, n] = [conv(convName, stride), norm(normName)];
    return (x: Image, z: tf.Tensor2D) => tf.relu(n(c(x), z));
  };
  const block = (name: string) => {
    const first = layer(`${name}.a.conv`, `${name}.na`);
    const [second, secondNorm] = [conv(`${name}.b.conv`), norm(`${name}.nb`)];
    return (x: Image, z: tf.Tensor2D) => tf.add(x, secondNorm(second(first(x, z)), z)) as Image;
  };
  const blocks = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => block(`${name}.${i}`));
  const twiceAsLarge = (x: Image): Image =>
    tf.image.resizeNearestNeighbor(x, [2 * x.shape[1], 2 * x.shape[2]]);

  const [stem, stemNorm] = [conv('c1.conv', 2), norm('n1')];
  const [down4, down4Norm] = [conv('c2.conv', 2), norm('n2')];
  const down8 = layer('c3.conv', 'n3', 2);
  const [trunk8, trunk4] = [blocks('r8', BLOCKS_8), blocks('r4', BLOCKS_4)];
  const [up4, up4Norm, skip4Norm] = [conv('u2.conv'), norm('nu2'), norm('s2')];
  const [up2, up2Norm] = [conv('u1.conv'), norm('nu1')];
  const [skip2, skip2Norm] = [conv('sk1'), norm('s1')];
  const head = convolution(inOrderOfTensorFlow(weights.filter('o.conv.weight')), 1);
  const headBias = inOrderOfTensorFlow(weights.vector('o.conv.bias'));

  return (content, z) => {
    const half = tf.tidy(() => stem(tf.sub(tf.mul(content, 2), 1)));
    const quarter = tf.tidy(() => down4(tf.relu(stemNorm(half, z))));
    let x = tf.tidy(() => down8(tf.relu(down4Norm(quarter, z)), z));
    /** The next x; the one before it is freed. */
    const then = (step: (before: Image) => Image) => {
      const before = x;
      x = tf.tidy(() => step(before));
      before.dispose();
    };
    for (const run of trunk8) then((d) => run(d, z));
    then((d) => up4(twiceAsLarge(d)));
    then((u) => tf.relu(tf.add(up4Norm(u, z), skip4Norm(quarter, z))));
    quarter.dispose();
    for (const run of trunk4) then((d) => run(d, z));
    then((d) => up2(twiceAsLarge(d)));
    then((u) => tf.relu(tf.add(up2Norm(u, z), skip2Norm(skip2(half), z))));
    half.dispose();
    then((h) => tf.sigmoid(tf.depthToSpace(tf.add(head(h), headBias), 2)));
    return x;
  };
}

const vector = (x: tf.Tensor): tf.Tensor1D => tf.reshape(x, [-1]);

/** With reflection padding, so that the size stays or is divided by the stride. */
function convolution(filter: tf.Tensor4D, stride: number): (x: Image) => Image {
  const edge = (filter.shape[0] - 1) / 2;
  const around: [number, number] = [edge, edge];
  return (x) => {
    const padded = edge ? tf.mirrorPad(x, [[0, 0], around, around, [0, 0]], 'reflect') : x;
    return tf.conv2d(padded, filter, stride, 'valid');
  };
}

/**
 * Puts the channels that a pixel shuffle by 2 reads, the last axis, in the order of `depthToSpace`:
 * with PyTorch the place within the square varies fastest, with TensorFlow the colour does.
 */
function inOrderOfTensorFlow<T extends tf.Tensor>(x: T): T {
  const colours = (x.shape.at(-1) ?? 0) / 4;
  const order = Array.from(
    { length: 4 * colours },
    (_, i) => (i % colours) * 4 + Math.floor(i / colours),
  );
  return tf.gather(x, tf.tensor1d(order, 'int32'), -1);
}
