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
  /** Cores that one run uses on a CPU. */
  threads: number;
  device: Device;
}

/** The axes of the network's statistics: per image, or joint. */
const EACH = new Tensor('int64', BigInt64Array.of(2n, 3n));
const JOINTLY = new Tensor('int64', BigInt64Array.of(0n, 2n, 3n));

const GIVEN = new Tensor('bool', [true], []);
const TAKEN = new Tensor('bool', [false], []);

/**
 * ONNX Runtime on one device, without falling back to another.
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
      // Spinning between a run's nodes is fast; after the run it only wastes a core.
      extra: { session: { force_spinning_stop: '1' } },
      // Cached plans per shape take more than twice the memory and save no time.
      enableMemPattern: false,
    });
  const encoder = await open('style-encoder.onnx');
  const network = await open('network.onnx');
  /** A network without noise has no `origin` input. */
  const originsOf = (origins: readonly (Origin | undefined)[]): Record<string, Tensor> =>
    network.inputNames.includes('origin') ? { origin: originTensor(origins) } : {};
  const unused = statisticsTensor([new Float32Array(statisticsLength(network))]);

  return {
    name: 'onnx',
    device,
    async encode({ data, width, height }) {
      if (width !== STYLE_SIDE || height !== STYLE_SIDE)
        throw new RangeError(`A style image must be a square of ${STYLE_SIDE} pixels.`);
      const style = new Tensor('uint8', data, [1, height, width, 3]);
      return float32((await encoder.run({ style })).z);
    },
    async stylize(batch) {
      const images = batch.map(({ content }) => content);
      const statistics = batch.flatMap((run) => (run.statistics ? [run.statistics] : []));
      const content = pixelTensor(images);
      const feeds = {
        content,
        z: codeTensor(batch.map(({ code }) => code)),
        stats: statistics.length > 0 ? statisticsTensor(statistics) : unused,
        given: statistics.length > 0 ? GIVEN : TAKEN,
        axes: EACH,
        ...originsOf(batch.map(({ origin }) => origin)),
      };
      // Input is read first and output written last, so they can share memory.
      await network.run(feeds, { image: content });
      return split(content, images);
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
  if (typeof channels !== 'number') throw new Error('The network has no input for statistics.');
  return 2 * channels;
}

function float32(tensor: Tensor | undefined): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('The graph returned no float32.');
  return tensor.data;
}

/** Uses the memory of a single image; copies several into one tensor. */
function pixelTensor(images: readonly Pixels[]): Tensor {
  const [{ data: only, width, height }] = images as [Pixels];
  const data = images.length === 1 ? only : new Uint8Array(images.length * only.length);
  if (data !== only) images.forEach((image, index) => data.set(image.data, index * only.length));
  return new Tensor('uint8', data, [images.length, height, width, 3]);
}

function split(tensor: Tensor, images: readonly Pixels[]): Pixels[] {
  const data = tensor.data as Uint8Array<ArrayBuffer>;
  const length = data.length / images.length;
  return images.map(({ width, height }, index) => ({
    width,
    height,
    data: images.length === 1 ? data : data.slice(index * length, (index + 1) * length),
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
