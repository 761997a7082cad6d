import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CODE_LENGTH, STYLE_SIDE } from '../../src/engine/engine.js';

type Attributes = Record<string, object>;

/** A TF.js graph model in the making: a GraphDef in JSON, its constants in one file beside it. */
class GraphModel {
  private readonly nodes: object[] = [];
  private readonly weights: object[] = [];
  private readonly values: number[] = [];
  private readonly signature = { inputs: {} as object, outputs: {} as object };

  input(name: string, dtype: string, shape: number[]): string {
    const tensorShape = { dim: shape.map((size) => ({ size: String(size) })) };
    // As TensorFlow's converter has it: the signature's name and the node's need not be one.
    const node = this.op('Placeholder', [], {
      dtype: { type: dtype },
      shape: { shape: tensorShape },
    });
    Object.assign(this.signature.inputs, { [name]: { name: `${node}:0`, dtype, tensorShape } });
    return node;
  }

  constant(values: number[], shape: number[], dtype: 'int32' | 'float32' = 'float32'): string {
    const type = dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT';
    const node = this.op('Const', [], { dtype: { type } });
    this.weights.push({ name: node, shape, dtype });
    this.values.push(
      ...(dtype === 'int32' ? new Float32Array(Int32Array.from(values).buffer) : values),
    );
    return node;
  }

  op(op: string, input: string[], attr: Attributes = {}): string {
    const name = `node${this.nodes.length}`;
    this.nodes.push({ name, op, input, attr });
    return name;
  }

  output(name: string, node: string): void {
    Object.assign(this.signature.outputs, { [name]: { name: `${node}:0` } });
  }

  write(dir: string): void {
    mkdirSync(dir, { recursive: true });
    const model = {
      format: 'graph-model',
      modelTopology: { node: this.nodes, versions: { producer: 1 } },
      signature: this.signature,
      weightsManifest: [{ paths: ['weights.bin'], weights: this.weights }],
    };
    writeFileSync(join(dir, 'model.json'), JSON.stringify(model));
    writeFileSync(join(dir, 'weights.bin'), Buffer.from(new Float32Array(this.values).buffer));
  }
}

const FLOAT = { T: { type: 'DT_FLOAT' } };
const KEEP = { keep_dims: { b: true } };

/**
 * A small model of the two-network contract: a picture's code begins with its mean colour in 0 to 1, and
 * painting moves a photograph's mean to the code's colour and its deviation to 32 levels.
 */
export function writeGraphModel(dir: string): void {
  const encoder = new GraphModel();
  const style = encoder.input('style', 'DT_UINT8', [1, STYLE_SIDE, STYLE_SIDE, 3]);
  const colour = encoder.op('Mean', [
    encoder.op('Cast', [style], { DstT: { type: 'DT_FLOAT' } }),
    encoder.constant([1, 2], [2], 'int32'),
  ]);
  const spread = Array.from({ length: 3 * CODE_LENGTH }, (_, i) =>
    i % CODE_LENGTH === Math.floor(i / CODE_LENGTH) ? 1 / 255 : 0,
  );
  const matrix = encoder.constant(spread, [3, CODE_LENGTH]);
  encoder.output('z', encoder.op('MatMul', [colour, matrix], FLOAT));
  encoder.write(join(dir, 'style-encoder'));

  const network = new GraphModel();
  const pixels = network.input('content', 'DT_UINT8', [-1, -1, -1, 3]);
  const z = network.input('z', 'DT_FLOAT', [-1, CODE_LENGTH]);
  const stats = network.input('stats', 'DT_FLOAT', [-1, 3, 2, 1]);
  const given = network.input('given', 'DT_BOOL', []);
  const axes = network.input('axes', 'DT_INT32', [-1]);
  const content = network.op('Cast', [pixels], { DstT: { type: 'DT_FLOAT' } });
  const average = network.op('Mean', [content, axes], KEEP);
  const centred = network.op('Sub', [content, average], FLOAT);
  const variance = network.op('Mean', [network.op('Square', [centred], FLOAT), axes], KEEP);
  const inverse = network.op('Rsqrt', [
    network.op('AddV2', [variance, network.constant([1e-3], [])], FLOAT),
  ]);
  const columns = network.constant([-1, 3, 1, 1], [4], 'int32');
  const [means, inverses] = [average, inverse].map((x) => network.op('Reshape', [x, columns])) as [
    string,
    string,
  ];
  const axis = network.constant([2], [], 'int32');
  const measured = network.op('ConcatV2', [means, inverses, axis], { N: { i: '2' } });
  const used = network.op('SelectV2', [given, stats, measured], FLOAT);
  network.output('used', used);
  const wide = network.constant([-1, 1, 1, 3], [4], 'int32');
  const part = (index: number) =>
    network.op('Reshape', [
      network.op('GatherV2', [used, network.constant([index], [1], 'int32'), axis]),
      wide,
    ]);
  const normalised = network.op(
    'Mul',
    [network.op('Sub', [content, part(0)], FLOAT), part(1)],
    FLOAT,
  );
  const pick = Array.from({ length: 3 * CODE_LENGTH }, (_, i) =>
    i % 3 === Math.floor(i / 3) ? 255 : 0,
  );
  const target = network.op('Reshape', [
    network.op('MatMul', [z, network.constant(pick, [CODE_LENGTH, 3])], FLOAT),
    wide,
  ]);
  const scaled = network.op('Mul', [normalised, network.constant([32], [])], FLOAT);
  network.output('image', network.op('AddV2', [scaled, target], FLOAT));
  network.write(join(dir, 'network'));
}
