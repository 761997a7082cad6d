/** An ONNX graph as a peer. Usage: onnx-peer.ts <graph> <photo.rgb> <side> <threads> */
import { createRequire } from 'node:module';
import { InferenceSession, type Tensor } from 'onnxruntime-node';
import { feedsOf, planesOf, readPhoto, sessionOptions } from '../bench/network-call.js';
import { serveNetwork } from './peer-process.js';

const [graph = '', photo = '', side = '', threads = ''] = process.argv.slice(2);
const session = await InferenceSession.create(graph, sessionOptions(Number(threads)));
const feeds = feedsOf(session, readPhoto(photo, Number(side)));
const { version } = createRequire(import.meta.url)('onnxruntime-node/package.json') as {
  version: string;
};

/** The image; other outputs are not requested. */
const wanted = session.outputNames.slice(0, 1);

await serveNetwork({
  engine: `ONNX Runtime ${version}`,
  run: () => session.run(feeds, wanted),
  planes: async () => {
    const results = await session.run(feeds, wanted);
    return planesOf(results[wanted[0] ?? ''] as Tensor);
  },
});
