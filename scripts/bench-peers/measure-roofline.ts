/**
 * Measures the machine's peak and our network's share of it, in one process.
 * Usage: measure-roofline.ts <folder of graphs> <photo.rgb> <side> <threads> <rounds>; prints JSON.
 */
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { median } from '../bench/statistics.js';
import { macsOf } from './convolution.js';
import { layerKinds } from './layer-kinds.js';
import { feedsOf, OUR_NETWORK, readPhoto, sessionOptions } from '../bench/network-call.js';
import { nodesAsWritten, profileGraph } from './onnx-profile.js';
import { PRODUCTS, SUM_LENGTH } from './probes.js';
import type { Roofline } from './roofline.js';
import { rounds, type Runner } from './rounds.js';
import { timedRuns } from './timed-runs.js';

const PROFILED_RUNS = 20;
const COUNTED_SIDE = 64;

const [folder = '', photoPath = '', sideText = '', threadsText = '', roundsText = ''] =
  process.argv.slice(2);
const [side, threads] = [Number(sideText), Number(threadsText)];
const photo = readPhoto(photoPath, side);

const size = (shape: readonly number[]) => shape.reduce((product, length) => product * length, 1);

const probe = async (file: string, count: number): Promise<Runner['run']> => {
  const session = await InferenceSession.create(join(folder, file), sessionOptions(count));
  const feeds: Record<string, Tensor> = {};
  for (const input of session.inputMetadata) {
    if (!input.isTensor) continue;
    const shape = input.shape.map(Number);
    feeds[input.name] = new Tensor('float32', new Float32Array(size(shape)).fill(0.5), shape);
  }
  return (runs) => timedRuns(() => session.run(feeds, session.outputNames.slice(0, 1)), runs);
};

const ourNetwork = async (count: number): Promise<Runner['run']> => {
  const session = await InferenceSession.create(OUR_NETWORK, sessionOptions(count));
  const feeds = feedsOf(session, photo);
  return (runs) => timedRuns(() => session.run(feeds, session.outputNames.slice(0, 1)), runs);
};

const runners: Runner[] = [];
for (const count of [1, threads]) {
  runners.push({ name: `network ${count}`, run: await ourNetwork(count) });
  for (const sizes of PRODUCTS)
    runners.push({ name: `${sizes} ${count}`, run: await probe(`matmul-${sizes}.onnx`, count) });
  runners.push({ name: `sum ${count}`, run: await probe('sum.onnx', count) });
}
const limit = Number(roundsText);
const turns = await rounds(runners, { budgetMs: Infinity, fewest: limit, most: limit });
const milliseconds = (name: string): number => {
  const found = turns.find((turn) => turn.name === name);
  if (!found || 'error' in found) throw new Error(`${name}: ${found?.error ?? 'not measured'}`);
  return median(found.turns);
};
const onOneAndAll = (name: string, value: (ms: number) => number) => ({
  one: value(milliseconds(`${name} 1`)),
  all: value(milliseconds(`${name} ${threads}`)),
});

const written = await nodesAsWritten(OUR_NETWORK, photo);
const executed = await profileGraph(OUR_NETWORK, photo, sessionOptions(threads), PROFILED_RUNS);
const macsPerPixel = async (graph: string) => {
  const blank = { pixels: new Uint8Array(3 * COUNTED_SIDE ** 2), side: COUNTED_SIDE };
  const nodes = await nodesAsWritten(graph, blank);
  return nodes.reduce((sum, node) => sum + macsOf(node), 0) / COUNTED_SIDE ** 2;
};

const result: Roofline = {
  side,
  threads,
  products: PRODUCTS.map((sizes) => ({
    sizes,
    ...onOneAndAll(sizes, (ms) => (2 * size(sizes.split('x').map(Number))) / ms / 1e6),
  })),
  bandwidth: onOneAndAll('sum', (ms) => (3 * 4 * SUM_LENGTH) / ms / 1e6),
  network: onOneAndAll('network', (ms) => ms),
  kinds: layerKinds(executed, written, side),
  macsPerPixel: {
    ours: written.reduce((sum, node) => sum + macsOf(node), 0) / side ** 2,
    johnson: await macsPerPixel(join(folder, 'johnson.onnx')),
    adain: await macsPerPixel(join(folder, 'adain.onnx')),
  },
};
process.stdout.write(JSON.stringify(result));
