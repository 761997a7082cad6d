import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type GraphModel, loadGraphModel } from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import type { Image, Networks } from './networks.js';

/** The axes of a network's statistics: per image, or joint. */
const EACH = [1, 2];
const JOINTLY = [0, 1, 2];

type Inputs = Record<string, tf.Tensor>;

/**
 * Two TF.js graph models, each a folder with a model.json, whose signatures have the names of the ONNX
 * graphs: `style` to `z`; `content`, `z`, `stats`, `given` and `axes` to `image` and `used`. They have no
 * `origin` input.
 *
 * @throws Error when a model or a name of its signature is missing.
 */
export async function loadGraphNetworks(encoderDir: string, networkDir: string): Promise<Networks> {
  const [encoder, network] = await Promise.all([open(encoderDir), open(networkDir)]);
  const { shape } = network.input('stats');
  const unused = tf.zeros([1, shape?.[1] ?? 0, 2, 1]);

  const run = (inputs: Inputs, axes: number[], wanted: string) =>
    tf.tidy(() =>
      network.run(
        { ...inputs, axes: tf.tensor1d(axes), given: tf.scalar(inputs.stats !== unused, 'bool') },
        wanted,
      ),
    );
  return {
    encode: (style) => tf.tidy(() => encoder.run({ style }, 'z') as tf.Tensor2D),
    stylize: (content, z, _origins, statistics) =>
      tf.tidy(() => {
        const stats = statistics ? tf.expandDims(statistics, 3) : unused;
        return tf.cast(run({ content, z, stats }, EACH, 'image'), 'float32') as Image;
      }),
    statistics: (content, z) =>
      tf.tidy(() => tf.squeeze(run({ content, z, stats: unused }, JOINTLY, 'used'), [3])),
  };
}

interface Graph {
  input(name: string): GraphModel['inputs'][number];
  run(inputs: Inputs, wanted: string): tf.Tensor;
}

async function open(dir: string): Promise<Graph> {
  const model = await loadGraphModel({ load: () => readArtifacts(dir) });
  const { inputs, outputs } = (model.modelSignature ?? {}) as Signature;
  const find = (all: Signature['inputs'], name: string) => {
    const found = all?.[name]?.name;
    if (!found)
      throw new Error(`${dir}: the signature has no ${name}. It has ${names(inputs, outputs)}.`);
    return found;
  };
  const input = (name: string) => {
    const [node] = find(inputs, name).split(':');
    const found = model.inputs.find((each) => each.name === node);
    if (!found) throw new Error(`${dir}: the graph has no node ${node}.`);
    return found;
  };
  return {
    input,
    run: (given, wanted) => {
      const feeds = Object.entries(given).map(([name, tensor]) => {
        const { name: node, dtype } = input(name);
        return [node, tf.cast(tensor, dtype)] as const;
      });
      return model.execute(Object.fromEntries(feeds), find(outputs, wanted)) as tf.Tensor;
    },
  };
}

interface Signature {
  inputs?: Record<string, { name: string }>;
  outputs?: Record<string, { name: string }>;
}

const names = (...parts: Signature['inputs'][]) =>
  parts.flatMap((part) => Object.keys(part ?? {})).join(', ') || 'none';

async function readArtifacts(dir: string): Promise<tf.io.ModelArtifacts> {
  const json = JSON.parse(readFileSync(join(dir, 'model.json'), 'utf8')) as tf.io.ModelJSON;
  return tf.io.getModelArtifactsForJSON(json, (manifest) => {
    const files = manifest.flatMap(({ paths }) =>
      paths.map((path) => readFileSync(join(dir, path))),
    );
    const { buffer, byteOffset, byteLength } = Buffer.concat(files);
    const data = buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
    return Promise.resolve([manifest.flatMap(({ weights }) => weights), data]);
  });
}
