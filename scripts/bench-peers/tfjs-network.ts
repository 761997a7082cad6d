import * as tf from '@tensorflow/tfjs-core';
import type { Weights } from './tfjs-weights.js';

type Image = tf.Tensor4D;

/** Residual blocks at an eighth and at a quarter of the resolution. */
const BLOCKS_8 = 4;
const BLOCKS_4 = 1;
const EPSILON = 1e-5;
/** Of every norm, in the order of the graph. */
const NORM_CHANNELS = [24, 64, 96, ...Array<number>(2 * BLOCKS_8).fill(96), 64, 64, 64, 64, 24, 24];

/**
 * Our network, layer by layer as its graph has it, on images of 1 x height x width x RGB in 0 to 255;
 * what it gives is in 0 to 1. Frees what it no longer needs as it goes: at 2048 x 2048 all of it
 * together would not fit.
 */
export function createTfjsNetwork(weights: Weights): (content: Image, z: tf.Tensor2D) => Image {
  const conv = (name: string, stride = 1) => convolution(weights.filter(name), stride);
  const [stem, down4, down8] = [conv('c1.conv', 2), conv('c2.conv', 2), conv('c3.conv', 2)];
  const [stemBias, headBias] = [weights.vector('c1.conv.bias'), weights.vector('o.conv.bias')];
  const [up4, up2] = [upsampling(weights.filter('u2.conv')), upsampling(weights.filter('u1.conv'))];
  const [skip2, head] = [conv('sk1'), conv('o.conv')];
  const blocks = (name: string, count: number) =>
    Array.from({ length: count }, (_, i) => [
      conv(`${name}.${i}.a.conv`),
      conv(`${name}.${i}.b.conv`),
    ]);
  const [trunk8, trunk4] = [blocks('r8', BLOCKS_8), blocks('r4', BLOCKS_4)];
  const affineOf = affines(weights);

  return (content, z) => {
    const affine = affineOf(z);
    // In the order in which the graph has them.
    let used = 0;
    const norm = (x: Image, index = used++): Image => {
      const { mean, variance } = tf.moments(x, [1, 2]);
      const [gain, offset] = [affine[2 * index], affine[2 * index + 1]];
      return tf.batchNorm4d(x, vector(mean), vector(variance), offset, gain, EPSILON);
    };
    const half = tf.tidy(() => tf.add(stem(content), stemBias) as Image);
    const quarter = tf.tidy(() => down4(tf.relu(norm(half))));
    let x = tf.tidy(() => down8(tf.relu(norm(quarter))));
    /** The next x; the one before it is freed. */
    const then = (step: (before: Image) => Image) => {
      const before = x;
      x = tf.tidy(() => step(before));
      before.dispose();
    };
    const residual = ([first, second]: ((x: Image) => Image)[]) =>
      then((d) => {
        const inner = tf.relu(norm(first?.(d) ?? d));
        return tf.add(d, norm(second?.(inner) ?? inner));
      });
    then((d) => tf.relu(norm(d)));
    trunk8.forEach(residual);
    then(up4);
    then((u) => tf.relu(tf.add(norm(u), norm(quarter))));
    quarter.dispose();
    trunk4.forEach(residual);
    then(up2);
    then((u) => tf.relu(tf.add(norm(u), norm(skip2(half)))));
    half.dispose();
    then((h) => tf.sigmoid(tf.depthToSpace(tf.add(head(h), headBias), 2)));
    tf.dispose(affine);
    return x;
  };
}

/** Gain and offset of every norm, one after the other, from the style's code. */
function affines(weights: Weights): (z: tf.Tensor2D) => tf.Tensor1D[] {
  const [matrix, bias] = [weights.matrix('norms.weight'), weights.vector('norms.bias')];
  const lengths = NORM_CHANNELS.flatMap((channels) => [channels, channels]);
  return (z) =>
    tf.tidy(() => tf.split(vector(tf.add(tf.matMul(z, matrix), bias)), lengths) as tf.Tensor1D[]);
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
 * A 3x3 convolution after doubling the size, at the size before: a 2x2 one for each of the four
 * places within a doubled pixel, each begun at its own corner.
 */
function upsampling(filter: tf.Tensor4D): (x: Image) => Image {
  const channels = filter.shape[3] / 4;
  const around: [number, number] = [1, 1];
  return (x) => {
    const [, height, width] = x.shape;
    // Symmetric by one pixel repeats the edge.
    const padded = tf.mirrorPad(x, [[0, 0], around, around, [0, 0]], 'symmetric');
    const all = tf.conv2d(padded, filter, 1, 'valid');
    const places = [0, 1, 2, 3].map((place) =>
      tf.slice(
        all,
        [0, Math.floor(place / 2), place % 2, place * channels],
        [1, height, width, channels],
      ),
    );
    return tf.depthToSpace(tf.concat(places, 3), 2);
  };
}
