import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { CODE_LENGTH, type Engine, type Planes, STYLE_SIDE } from './engine.js';

export interface OnnxOptions {
  modelDir: string;
  /** Cores that one run uses. */
  threads: number;
}

/**
 * ONNX Runtime on the CPU. The two graphs for tiles are loaded when the first large picture comes.
 *
 * @throws Error when a graph cannot be loaded.
 */
export async function createOnnxEngine({ modelDir, threads }: OnnxOptions): Promise<Engine> {
  const open = (file: string, options: InferenceSession.SessionOptions = {}) =>
    InferenceSession.create(join(modelDir, file), {
      intraOpNumThreads: threads,
      // Pictures come in all shapes: plans kept per shape only make the arena grow.
      enableMemPattern: false,
      ...options,
    });
  const encoder = await open('style-encoder.onnx');
  const whole = await open('transformer.onnx');
  // Runs once per picture on a batch as large as a whole image: its memory goes back after.
  const statistics = lazy(() => open('transformer-stats.onnx', { enableCpuMemArena: false }));
  const tile = lazy(() => open('transformer-tile.onnx'));

  const output = async (session: InferenceSession, feeds: Record<string, Tensor>, name: string) => {
    const data = (await session.run(feeds))[name]?.data;
    if (!(data instanceof Float32Array)) throw new Error(`The graph gave no float32 ${name}.`);
    return data;
  };

  return {
    name: 'onnx',
    device: 'cpu',
    async encode(picture) {
      if (picture.width !== STYLE_SIDE || picture.height !== STYLE_SIDE)
        throw new RangeError(`A style is a square of ${STYLE_SIDE} pixels.`);
      return output(encoder, { style: imageTensor(picture) }, 'z');
    },
    async stylize(content, code) {
      const feeds = { content: imageTensor(content), z: codeTensor(code) };
      return { ...content, data: await output(whole, feeds, 'image') };
    },
    async statistics(crops, code) {
      const feeds = { content: batchTensor(crops), z: codeTensor(code) };
      return output(await statistics(), feeds, 'stats');
    },
    async tile(content, code, stats) {
      const feeds = {
        content: imageTensor(content),
        z: codeTensor(code),
        stats: new Tensor('float32', stats, [2, stats.length / 2]),
      };
      return { ...content, data: await output(await tile(), feeds, 'image') };
    },
  };
}

const imageTensor = ({ data, width, height }: Planes) =>
  new Tensor('float32', data, [1, 3, height, width]);

const codeTensor = (code: Float32Array) => new Tensor('float32', code, [1, CODE_LENGTH]);

function batchTensor(crops: readonly Planes[]): Tensor {
  const { width, height } = crops[0]!;
  const length = 3 * width * height;
  const data = new Float32Array(crops.length * length);
  crops.forEach((crop, index) => data.set(crop.data, index * length));
  return new Tensor('float32', data, [crops.length, 3, height, width]);
}

function lazy<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
