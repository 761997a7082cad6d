import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** An array of float32, its last dimension the fastest. */
export interface Weight {
  shape: number[];
  values: Float32Array;
}

const headerSchema = z.record(
  z.string(),
  z.object({
    dtype: z.literal('F32'),
    shape: z.array(z.int().nonnegative()),
    data_offsets: z.tuple([z.int().nonnegative(), z.int().nonnegative()]),
  }),
);

const LENGTH_BYTES = 8;
const FLOAT_BYTES = 4;
/** Free text for people, among the names. */
const METADATA = '__metadata__';

/**
 * Reads a safetensors file of float32: the header's length as 64 bits, the header as JSON, the numbers,
 * all little endian (https://huggingface.co/docs/safetensors, "Format").
 *
 * @throws Error when the file is no such thing.
 */
export function readSafetensors(path: string): Map<string, Weight> {
  const file = readFileSync(path);
  const refuse = (what: string) => new Error(`${path} is no safetensors file of float32: ${what}.`);
  if (file.length < LENGTH_BYTES) throw refuse('it is too short');
  const begin = LENGTH_BYTES + Number(file.readBigUInt64LE());
  if (begin > file.length) throw refuse('its header is cut off');
  const header = headerSchema.safeParse(parseHeader(file.toString('utf8', LENGTH_BYTES, begin)));
  if (!header.success) throw refuse(z.prettifyError(header.error));
  // A copy, so that the numbers lie where float32 may.
  const data = file.buffer.slice(file.byteOffset + begin, file.byteOffset + file.length);
  return new Map(
    Object.entries(header.data).map(
      ([
        name,
        {
          shape,
          data_offsets: [from, to],
        },
      ]) => {
        const length = shape.reduce((product, side) => product * side, 1);
        if (to - from !== FLOAT_BYTES * length || to > data.byteLength)
          throw refuse(`${name} does not have its ${length} numbers`);
        return [name, { shape, values: new Float32Array(data, from, length) }];
      },
    ),
  );
}

function parseHeader(text: string): unknown {
  try {
    return JSON.parse(text, (key, value: unknown) => (key === METADATA ? undefined : value));
  } catch {
    return undefined;
  }
}
