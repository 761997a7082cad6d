import * as tf from '@tensorflow/tfjs-core';
import type { Origin } from '../engine.js';
import type { Image, Networks } from './networks.js';
import { createNoise } from './noise.js';
import { createNorms, type Normalize } from './norms.js';
import type { Weights } from './weights.js';

type Layer = (x: Image) => Image;

/**
 * The transformer of `training/stylizer_training/network.py`, layer by layer, with the conversions that
 * `network_graph.py` makes for ONNX: pixels are scaled inside the first convolution, and a 3x3 convolution
 * of an image doubled in size becomes four 2x2 convolutions of the smaller one. Intermediate results are
 * freed at once: at 2048 x 2048 all of them would not fit into memory.
 */
export function createTransformer(weights: Weights): Pick<Networks, 'stylize' | 'statistics'> {
  const conv = (name: string, stride = 1) => reflected(weights.filter(`${name}.weight`), stride);
  const trunk = (name: string) => {
    const blocks = [];
    for (let i = 0; weights.has(`${name}.${i}.a.conv.weight`); i++) blocks.push(`${name}.${i}`);
    return blocks.map((block) => residual(block, conv(`${block}.a.conv`), conv(`${block}.b.conv`)));
  };
  const [eighth, quarter] = [trunk('r8'), trunk('r4')];
  const [stem, head] = [firstConvolution(weights), lastConvolution(weights)];
  const [down4, down8, skip] = [conv('c2.conv', 2), conv('c3.conv', 2), conv('sk1')];
  const [up4, up2] = ['u2', 'u1'].map((name) => upsampling(weights, `${name}.conv`)) as [
    Layer,
    Layer,
  ];
  const blocks = (count: number, name: string) =>
    Array.from({ length: count }, (_, i) => [`${name}.${i}.na`, `${name}.${i}.nb`]).flat();
  const names = ['n1', 'n2', 'n3', ...blocks(eighth.length, 'r8'), 'nu2', 's2'];
  names.push(...blocks(quarter.length, 'r4'), 'nu1', 's1');
  const norms = createNorms(weights, names);
  const noise = weights.has('noise.normal') ? createNoise(weights) : undefined;
  const noisy = (content: Image, origins: readonly Origin[]): Image =>
    noise ? tf.add(content, noise(origins, content.shape[1], content.shape[2])) : content;

  const run = (content: Image, origins: readonly Origin[], norm: Normalize): Image => {
    const half = tf.tidy(() => stem(noisy(content, origins)));
    const fourth = tf.tidy(() => down4(tf.relu(norm('n1', half))));
    let x = tf.tidy(() => down8(tf.relu(norm('n2', fourth))));
    /** Replaces x and frees the previous one. */
    const then = (layer: Layer) => {
      const before = x;
      x = tf.tidy(() => layer(before));
      before.dispose();
    };
    then((d) => tf.relu(norm('n3', d)));
    for (const block of eighth) then((d) => block(d, norm));
    then(up4);
    then((u) => tf.relu(tf.add(norm('nu2', u), norm('s2', fourth))));
    fourth.dispose();
    for (const block of quarter) then((h) => block(h, norm));
    then(up2);
    then((u) => tf.relu(tf.add(norm('nu1', u), norm('s1', skip(half)))));
    half.dispose();
    then(head);
    return x;
  };

  return {
    stylize(content, codes, origins, statistics) {
      const norm = norms.begin(codes, statistics);
      const image = run(content, origins, norm.normalize);
      norm.dispose();
      return image;
    },
    statistics(content, codes) {
      const norm = norms.begin(codes, 'jointly');
      const origins = Array.from({ length: content.shape[0] }, () => ({ left: 0, top: 0 }));
      run(content, origins, norm.normalize).dispose();
      const used = norm.used();
      norm.dispose();
      return used;
    },
  };
}

function residual(name: string, first: Layer, second: Layer): (x: Image, norm: Normalize) => Image {
  return (x, norm) => {
    const inner = tf.tidy(() => tf.relu(norm(`${name}.na`, first(x))));
    return tf.add(x, norm(`${name}.nb`, second(inner)));
  };
}

/** With reflection padding: the size is divided by the stride only. */
function reflected(filter: tf.Tensor4D, stride: number): Layer {
  const edge = (filter.shape[0] - 1) / 2;
  const around: [number, number] = [edge, edge];
  return (x) => {
    const padded = edge > 0 ? tf.mirrorPad(x, [[0, 0], around, around, [0, 0]], 'reflect') : x;
    return tf.conv2d(padded, filter, stride, 'valid');
  };
}

/** Of pixels in 0 to 255, with x * 2 / 255 - 1 inside. */
function firstConvolution(weights: Weights): Layer {
  const filter = weights.filter('c1.conv.weight');
  const bias = tf.tidy(() => tf.neg(tf.sum(filter, [0, 1, 2])));
  const conv = reflected(
    tf.tidy(() => tf.mul(filter, 2 / 255)),
    2,
  );
  filter.dispose();
  return (x) => tf.add(conv(x), bias);
}

/** To pixels in 0 to 255: four of them from one place at half the size. */
function lastConvolution(weights: Weights): Layer {
  // PyTorch's pixel shuffle orders channels as color, row, column of a 2x2 block; here row, column, color.
  const order = tf.tensor1d(
    Array.from({ length: 12 }, (_, i) => 4 * (i % 3) + Math.floor(i / 3)),
    'int32',
  );
  const conv = reflected(
    tf.tidy(() => tf.gather(weights.filter('o.conv.weight'), order, 3)),
    1,
  );
  const bias = tf.tidy(() => tf.gather(weights.get<tf.Tensor1D>('o.conv.bias'), order));
  order.dispose();
  return (x) => {
    const blocks = tf.tidy(() => tf.mul(tf.sigmoid(tf.add(conv(x), bias)), 255));
    return interleaved(tf.split(blocks, 2, 3) as [Image, Image], 3);
  };
}

/**
 * A 3x3 convolution after doubling the size, computed at the smaller size: one 2x2 convolution for each of
 * the four positions within a doubled pixel, each with its own corner (Shi et al., "Is the deconvolution layer
 * the same as a convolutional layer?", 2016).
 */
function upsampling(weights: Weights, name: string): Layer {
  const whole = weights.filter(`${name}.weight`);
  const channels = whole.shape[3];
  const places = [0, 1, 2, 3].map((place) => ({ row: place >> 1, column: place & 1 }));
  const filter = tf.tidy(() =>
    tf.concat(
      places.map(({ row, column }) => folded(folded(whole, row, 0), column, 1)),
      3,
    ),
  );
  whole.dispose();
  const around: [number, number] = [1, 1];
  return (x) => {
    const [count, height, width] = x.shape;
    const all = tf.tidy(() => {
      // Symmetric by one pixel repeats the edge.
      const padded = tf.mirrorPad(x, [[0, 0], around, around, [0, 0]], 'symmetric');
      return tf.conv2d(padded, filter, 1, 'valid');
    });
    const rows = [0, 1].map((row) => {
      const columns = [0, 1].map((column) =>
        tf.slice(
          all,
          [0, row, column, (2 * row + column) * channels],
          [count, height, width, channels],
        ),
      );
      return tf.concat(columns, 3);
    });
    return interleaved(rows as [Image, Image], channels);
  };
}

/**
 * The upper and the lower rows of every 2x2 block, n x h x w x (2 columns x channels) each, to
 * n x 2h x 2w x channels. TensorFlow's depth to space does the same but takes several times as long on WASM.
 */
function interleaved([upper, lower]: [Image, Image], channels: number): Image {
  const [count, height, width] = upper.shape;
  const [above, below] = [upper, lower].map((row) => tf.reshape(row, [count, height, -1]));
  const rows = tf.concat([above as tf.Tensor3D, below as tf.Tensor3D], 2);
  return tf.reshape(rows, [count, 2 * height, 2 * width, channels]);
}

/**
 * The taps -1, 0, 1 at row (or column) 2i + `phase` of a doubled picture, summed into the two rows of
 * the small one that they fall on: i - 1 and i for phase 0, i and i + 1 for phase 1.
 */
function folded(filter: tf.Tensor4D, phase: number, axis: 0 | 1): tf.Tensor4D {
  const [before, here, after] = tf.split(filter, 3, axis) as [
    tf.Tensor4D,
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  return tf.concat(
    phase === 0 ? [before, tf.add(here, after)] : [tf.add(before, here), after],
    axis,
  );
}
