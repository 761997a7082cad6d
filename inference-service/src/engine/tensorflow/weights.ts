import { readFileSync } from 'node:fs';
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';

/** The parameters of one network in PyTorch's layout: filters are out x in x height x width. */
export interface Weights {
  has(name: string): boolean;
  /** How many numbers it has. @throws Error naming a parameter that is not there. */
  size(name: string): number;
  /** The caller disposes of it. @throws Error naming a parameter that is not there. */
  get<T extends tf.Tensor>(name: string): T;
  /** In TensorFlow's layout: height x width x in x out. */
  filter(name: string): tf.Tensor4D;
}

/** @param prefix of the network's parameters: `enc.` or `gen.` */
export function readWeights(path: string, prefix: string): Weights {
  const all = readSafetensors(path);
  const find = (name: string) => {
    const weight = all.get(prefix + name);
    if (!weight) throw new Error(`${path} has no parameter ${prefix}${name}.`);
    return weight;
  };
  const get = <T extends tf.Tensor>(name: string): T => {
    const { values, shape } = find(name);
    return tf.tensor(values, shape) as T;
  };
  return {
    has: (name) => all.has(prefix + name),
    size: (name) => find(name).values.length,
    get,
    filter: (name) => tf.tidy(() => tf.transpose(get<tf.Tensor4D>(name), [2, 3, 1, 0])),
  };
}

/** An array of float32, its last dimension the fastest. */
interface Weight {
  shape: number[];
  values: Float32Array;
}

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.literal('F32'),
    shape: z.array(z.int().nonnegative()),
    data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
  }),
);

const LENGTH_BYTES = 8;
const FLOAT_BYTES = 4;
/** A reserved name that holds free text. */
const METADATA = '__metadata__';

/**
 * Reads a safetensors file of float32: the header's length as 64 bits, the header as JSON, the numbers,
 * all little endian (https://huggingface.co/docs/safetensors, "Format").
 *
 * @throws Error when the file is not one.
 */
export function readSafetensors(path: string): Map<string, Weight> {
  const file = readFileSync(path);
  const refuse = (what: string) =>
    new Error(`${path} is not a safetensors file of float32: ${what}.`);
  if (file.length < LENGTH_BYTES) throw refuse('it is too short');
  const begin = LENGTH_BYTES + Number(file.readBigUInt64LE());
  if (begin > file.length) throw refuse('its header is cut off');
  const header = headerSchema.safeParse(parseHeader(file.toString('utf8', LENGTH_BYTES, begin)));
  if (!header.success) throw refuse(z.prettifyError(header.error));
  // A copy, because float32 needs aligned memory.
  const data = file.buffer.slice(file.byteOffset + begin, file.byteOffset + file.length);
  return new Map(
    Object.entries(header.data).map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const length = shape.reduce((product, side) => product * side, 1);
        if (to - from !== FLOAT_BYTES * length || to > data.byteLength)
          throw refuse(`${name} does not have its ${length} numbers`);
        return [name, { shape, values: new Float32Array(data, from, length) }];
      },
    ),
  );
}

function parseHeader(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === METADATA ? undefined : value));
  } catch {
    return undefined;
  }
}
