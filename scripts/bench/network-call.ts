import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type InferenceSession, Tensor } from 'onnxruntime-node';
import { ROOT } from '../run/settings.js';

/** Our network: its file is named only here. */
export const OUR_NETWORK = join(ROOT, 'inference-service/models/network.onnx');

/** The same options as in the service. */
export const sessionOptions = (threads: number): InferenceSession.SessionOptions => ({
  intraOpNumThreads: threads,
  interOpNumThreads: 1,
  enableMemPattern: false,
  extra: { session: { force_spinning_stop: '1' } },
});

/** A square photograph: `side` x `side` x RGB bytes. */
export interface Photo {
  pixels: Uint8Array;
  side: number;
}

export const readPhoto = (path: string, side: number): Photo => ({
  pixels: new Uint8Array(readFileSync(path)),
  side,
});

type Feeds = Record<string, Tensor>;

/**
 * Feeds for a graph, by the names, types and shapes of its inputs: the photograph for an image, the
 * service's values for our own inputs, arbitrary numbers for a vector.
 *
 * @throws Error naming an input that fits none of these.
 */
export function feedsOf(session: InferenceSession, photo: Photo): Feeds {
  const feeds: Feeds = {};
  for (const input of session.inputMetadata) {
    if (!input.isTensor) throw new Error(`The input ${input.name} is no tensor.`);
    const { name, type } = input;
    const shape = input.shape.map((length) => (typeof length === 'number' ? length : undefined));
    if (shape.length === 4 && (shape[1] === 3 || shape[3] === 3))
      feeds[name] = pictureTensor(photo, type, shape[1] === 3);
    else if (name === 'z' && type === 'float32')
      feeds[name] = new Tensor('float32', styleCode(), [1, styleCode().length]);
    // As in the service for a whole image: the network computes the statistics.
    else if (name === 'stats' && shape[1] !== undefined)
      feeds[name] = new Tensor('float32', new Float32Array(2 * shape[1]), [1, shape[1], 2, 1]);
    else if (name === 'given') feeds[name] = new Tensor('bool', [false], []);
    else if (name === 'axes') feeds[name] = new Tensor('int64', BigInt64Array.of(2n, 3n));
    else if (name === 'origin') feeds[name] = new Tensor('int64', BigInt64Array.of(0n, 0n), [1, 2]);
    else if (shape.length === 1 && shape[0] !== undefined && type === 'float32')
      feeds[name] = new Tensor('float32', positive(shape[0]), [shape[0]]);
    else
      throw new Error(
        `No feed for ${name}: ${type} ${input.shape.join(' x ')}. Say it in ${HERE}.`,
      );
  }
  return feeds;
}

const HERE = 'scripts/bench/network-call.ts';

/** The code of the first style of the catalogue. */
export function styleCode(): Float32Array {
  const file = join(ROOT, 'inference-service/models/styles.json');
  const { styles } = JSON.parse(readFileSync(file, 'utf8')) as { styles: { code: number[] }[] };
  return new Float32Array(styles[0]?.code ?? []);
}

/** A network's output in any layout as float32 RGB planes of `side` x `side`. */
export function planesOf(output: Tensor): Float32Array {
  const [, rows = 0, columns = 0] = output.dims;
  const planar = output.dims[1] === 3;
  const scale = output.type === 'uint8' ? 1 / 255 : 1;
  const values = output.data as ArrayLike<number>;
  const pixels = planar ? values.length / 3 : rows * columns;
  const planes = new Float32Array(3 * pixels);
  for (let channel = 0; channel < 3; channel++)
    for (let i = 0; i < pixels; i++) {
      const at = planar ? channel * pixels + i : 3 * i + channel;
      planes[channel * pixels + i] = (values[at] ?? Number.NaN) * scale;
    }
  return planes;
}

/** RGB in [0, 1], in planes. */
export function planesOfPhoto({ pixels, side }: Photo): Float32Array {
  const planes = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++)
    planes[(i % 3) * side * side + Math.floor(i / 3)] = (pixels[i] ?? 0) / 255;
  return planes;
}

function pictureTensor(photo: Photo, type: string, planar: boolean): Tensor {
  const { pixels, side } = photo;
  if (type === 'uint8' && !planar) return new Tensor('uint8', pixels, [1, side, side, 3]);
  if (type === 'float32' && planar)
    return new Tensor('float32', planesOfPhoto(photo), [1, 3, side, side]);
  throw new Error(`No feed for a picture of ${type}, planes ${planar}. Say it in ${HERE}.`);
}

/** Positive, since one of them may be a standard deviation. */
const positive = (length: number) =>
  Float32Array.from({ length }, (_, i) => 0.5 + 0.4 * Math.sin(i));
