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

/** Without any of these there is nothing to serve. */
export const REQUIRED_FILES = ['style-encoder.onnx', 'network.onnx', 'styles.json'];

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
 * @throws ModelError naming the first file that is missing or damaged.
 */
export async function verifyModel(dir: string): Promise<Manifest> {
  const path = join(dir, 'manifest.json');
  const parsed = manifestSchema.safeParse(parseJson(await readModelFile(path)));
  if (!parsed.success) throw new ModelError(`The model manifest ${path} is damaged. ${REMEDY}`);
  const unlisted = REQUIRED_FILES.find((file) => !(file in parsed.data.files));
  if (unlisted) throw new ModelError(`The model manifest ${path} lacks ${unlisted}. ${REMEDY}`);
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
 * with them. 16 hexadecimal digits; previews, names and the catalogue change nothing in it.
 */
export function modelIdOf({ files }: Manifest): string {
  const graphs = ['style-encoder.onnx', 'network.onnx'].map((file) => files[file]?.sha256);
  return sha256(Buffer.from(graphs.join())).slice(0, 16);
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
