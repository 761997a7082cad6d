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

/** The graphs of ONNX Runtime, our weights for TensorFlow, and TF.js graph models of others. */
const ONNX = ['style-encoder.onnx', 'network.onnx'];
const WEIGHTS = ['weights.safetensors'];
const GRAPH_MODELS = ['style-encoder/model.json', 'network/model.json'];
const GRAPH_MODEL_FILE = /^(style-encoder|network)\//;

/** What an engine can load: one of these, whole. */
const NETWORKS = { onnx: [ONNX], tensorflow: [WEIGHTS, GRAPH_MODELS] };

/** A model folder that cannot be served. The message says which file and what to do. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
}

const REMEDY =
  'Restore the folder (git checkout -- inference-service/models, or the image as built), ' +
  'or point MODEL_DIR at a whole one.';

/**
 * Reads the manifest of a model folder and holds every file it lists against it.
 *
 * @param engine the folder has to have what this one loads.
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
        `The model file ${join(dir, file)} is damaged: ${found}, and its SHA-256 is not the manifest's. ${REMEDY}`,
      );
    }
  }
  return parsed.data;
}

/**
 * Names what gives style codes their meaning: the encoder that makes them and the network that paints
 * with them. 16 hexadecimal digits; engine, previews, names and the catalogue change nothing in it.
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
