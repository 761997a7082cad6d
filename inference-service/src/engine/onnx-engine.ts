import { join } from 'node:path';
import './no-telemetry.js';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Device } from './devices.js';
import {
  CODE_LENGTH,
  type Engine,
  type Origin,
  type Pixels,
  STYLE_SIDE,
  type Statistics,
} from './engine.js';

export interface OnnxOptions {
  modelDir: string;
  /** Cores that one run uses; a GPU does not ask. */
  threads: number;
  device: Device;
}

/** Over which axes the network takes its statistics: each picture by itself, or all jointly. */
const EACH = new Tensor('int64', BigInt64Array.of(2n, 3n));
const JOINTLY = new Tensor('int64', BigInt64Array.of(0n, 2n, 3n));

const GIVEN = new Tensor('bool', [true], []);
const TAKEN = new Tensor('bool', [false], []);

/**
 * ONNX Runtime on one device, and no other if that one does not start.
 *
 * @throws Error when the device or a graph cannot be loaded.
 */
export async function createOnnxEngine({
  modelDir,
  threads,
  device,
}: OnnxOptions): Promise<Engine> {
  const open = (file: string) =>
    InferenceSession.create(join(modelDir, file), {
      executionProviders: [device],
      intraOpNumThreads: threads,
      // Spinning between a run's nodes is quick; after the run it only keeps a core from the others.
      extra: { session: { force_spinning_stop: '1' } },
      // Plans kept per shape take more than twice the memory, and no less time.
      enableMemPattern: false,
    });
  const encoder = await open('style-encoder.onnx');
  const network = await open('network.onnx');
  /** A network without noise does not ask where a picture begins. */
  const originsOf = (origins: readonly (Origin | undefined)[]): Record<string, Tensor> =>
    network.inputNames.includes('origin') ? { origin: originTensor(origins) } : {};
  const unused = statisticsTensor([new Float32Array(statisticsLength(network))]);

  return {
    name: 'onnx',
    device,
    async encode({ data, width, height }) {
      if (width !== STYLE_SIDE || height !== STYLE_SIDE)
        throw new RangeError(`A style is a square of ${STYLE_SIDE} pixels.`);
      const style = new Tensor('uint8', data, [1, height, width, 3]);
      return float32((await encoder.run({ style })).z);
    },
    async stylize(batch) {
      const pictures = batch.map(({ content }) => content);
      const statistics = batch.flatMap((run) => (run.statistics ? [run.statistics] : []));
      const content = pixelTensor(pictures);
      const feeds = {
        content,
        z: codeTensor(batch.map(({ code }) => code)),
        stats: statistics.length > 0 ? statisticsTensor(statistics) : unused,
        given: statistics.length > 0 ? GIVEN : TAKEN,
        axes: EACH,
        ...originsOf(batch.map(({ origin }) => origin)),
      };
      // The picture is read at the very beginning and written at the very end: one memory does.
      await network.run(feeds, { image: content });
      return split(content, pictures);
    },
    async statistics(crops, code) {
      const feeds = {
        content: pixelTensor(crops),
        z: codeTensor(crops.map(() => code)),
        stats: unused,
        given: TAKEN,
        axes: JOINTLY,
        ...originsOf([undefined]),
      };
      return float32((await network.run(feeds, ['used']))['used']);
    },
  };
}

/** Numbers in {@link Statistics}, from the graph's declaration: n x channels x 2 x 1. */
function statisticsLength({ inputMetadata }: InferenceSession): number {
  const stats = inputMetadata.find(({ name }) => name === 'stats');
  const channels = stats?.isTensor ? stats.shape[1] : undefined;
  if (typeof channels !== 'number') throw new Error('The network declares no statistics.');
  return 2 * channels;
}

function float32(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('The graph gave no float32.');
  return tensor.data;
}

/** One picture's memory is used as it is; several are copied side by side. */
function pixelTensor(pictures: readonly Pixels[]): Tensor {
  const [{ data: only, width, height }] = pictures as [Pixels];
  const data = pictures.length === 1 ? only : new Uint8Array(pictures.length * only.length);
  if (data !== only)
    pictures.forEach((picture, index) => data.set(picture.data, index * only.length));
  return new Tensor('uint8', data, [pictures.length, height, width, 3]);
}

function split(tensor: Tensor, pictures: readonly Pixels[]): Pixels[] {
  const data = tensor.data as Uint8Array<ArrayBuffer>;
  const length = data.length / pictures.length;
  return pictures.map(({ width, height }, index) => ({
    width,
    height,
    data: pictures.length === 1 ? data : data.slice(index * length, (index + 1) * length),
  }));
}

/** n x 2: row and column. */
function originTensor(origins: readonly (Origin | undefined)[]): Tensor {
  const numbers = origins.flatMap((at) => [BigInt(at?.top ?? 0), BigInt(at?.left ?? 0)]);
  return new Tensor('int64', BigInt64Array.from(numbers), [origins.length, 2]);
}

function codeTensor(codes: readonly Float32Array[]): Tensor {
  const data = new Float32Array(codes.length * CODE_LENGTH);
  codes.forEach((code, index) => data.set(code, index * CODE_LENGTH));
  return new Tensor('float32', data, [codes.length, CODE_LENGTH]);
}

function statisticsTensor(all: readonly Statistics[]): Tensor {
  const { length } = all[0]!;
  const data = new Float32Array(all.length * length);
  all.forEach((statistics, index) => data.set(statistics, index * length));
  return new Tensor('float32', data, [all.length, length / 2, 2, 1]);
}
