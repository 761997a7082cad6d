import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const manifestSchema = z.object({
  name: z.string(),
  version: z.string(),
  files: z.record(
    z.string(),
    z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/), bytes: z.int().positive() }),
  ),
});

export type Manifest = z.output<typeof manifestSchema>;

/** ONNX graphs, our weights for TensorFlow, and third-party TF.js graph models. */
const ONNX = ['style-encoder.onnx', 'network.onnx'];
const WEIGHTS = ['weights.safetensors'];
const GRAPH_MODELS = ['style-encoder/model.json', 'network/model.json'];
const GRAPH_MODEL_FILE = /^(style-encoder|network)\//;

/** The sets of files that an engine can load. */
const NETWORKS = { onnx: [ONNX], tensorflow: [WEIGHTS, GRAPH_MODELS] };

/** A model folder that cannot be used. The message names the file and the fix. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

const REMEDY =
  'Restore the folder (git checkout -- inference-service/models, or pull the container image again), ' +
  'or set MODEL_DIR to a complete one.';

/**
 * Reads the manifest of a model folder and checks every listed file against it.
 *
 * @param engine whose files the folder must contain.
 * @throws ModelError naming the first file that is missing or damaged.
 */
export async function verifyModel(dir: string, engine: keyof typeof NETWORKS): Promise<Manifest> {
  const path = join(dir, 'manifest.json');
  const parsed = manifestSchema.safeParse(parseJson(await readModelFile(path)));
  if (!parsed.success) throw new ModelError(`The model manifest ${path} is damaged. ${REMEDY}`);
  const listed = (file: string) => file in parsed.data.files;
  if (!listed('styles.json') || !NETWORKS[engine].some((files) => files.every(listed))) {
    const wanted = NETWORKS[engine].map((files) => files.join(' and ')).join(', or ');
    throw new ModelError(`The model manifest ${path} lacks styles.json, or ${wanted}. ${REMEDY}`);
  }
  for (const [file, expected] of Object.entries(parsed.data.files)) {
    const bytes = await readModelFile(join(dir, file));
    if (sha256(bytes) !== expected.sha256) {
      const found = `${bytes.length} bytes of ${expected.bytes}`;
      throw new ModelError(
        `The model file ${join(dir, file)} is damaged: ${found}, and its SHA-256 checksum differs from the manifest. ${REMEDY}`,
      );
    }
  }
  return parsed.data;
}

/**
 * Identifies what gives style codes their meaning: the style encoder and the network. 16 hexadecimal
 * digits; independent of engine, previews, names and catalogue.
 */
export function modelIdOf({ files }: Manifest): string {
  const known = [ONNX, WEIGHTS].find((all) => all.every((file) => file in files));
  const graphs =
    known ??
    Object.keys(files)
      .filter((file) => GRAPH_MODEL_FILE.test(file))
      .sort();
  return sha256(Buffer.from(graphs.map((file) => files[file]?.sha256).join())).slice(0, 16);
}

/** @throws ModelError when the file cannot be read. */
export async function readModelFile(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new ModelError(`The model file ${path} is missing or unreadable. ${REMEDY}`, { cause });
  }
}

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
