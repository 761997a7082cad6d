import type { ImageLimits } from '@stylizer/common';
import { tooManyBytes } from '@stylizer/common';
import type { MultipartFile } from '@fastify/multipart';
import type { FastifyRequest } from 'fastify';
import { ValidationFailed } from '../service-error.js';

export interface PictureForm {
  image: Buffer;
  /** Text parts by name; no others than asked for. */
  fields: Record<string, string>;
}

/** Boundaries and headers of a multipart body, generously. */
const ENVELOPE_BYTES = 131_072;

const FIELD_BYTES = 65_536;

class TooLong extends Error {}

const refuse = (path: string, message: string, cause?: unknown) =>
  new ValidationFailed([{ path, message }], { cause });

/**
 * Bytes that reading the body will take at most.
 *
 * @throws ImageRejected `IMAGE_TOO_LARGE` when it declares more than any picture may have.
 */
export function bodySize(request: FastifyRequest, limits: ImageLimits): number {
  const most = limits.maxBytes + ENVELOPE_BYTES;
  const declared = Number(request.headers['content-length'] ?? most);
  if (declared > most) throw tooManyBytes(limits);
  return declared;
}

/**
 * Reads a multipart body of one picture in the part `image` and the named text parts, in any order.
 *
 * @throws ImageRejected `IMAGE_TOO_LARGE`
 * @throws ValidationFailed for any other body.
 */
export async function readPictureForm(
  request: FastifyRequest,
  names: readonly string[],
  limits: ImageLimits,
): Promise<PictureForm> {
  if (!request.isMultipart())
    throw refuse('request', 'Send multipart/form-data with the picture in the part "image".');

  let image: Buffer | undefined;
  const fields: Record<string, string> = {};
  const parts = request.parts({
    limits: { files: 2, fileSize: limits.maxBytes, fields: 4, fieldSize: FIELD_BYTES, parts: 5 },
  });
  try {
    for await (const part of parts) {
      const name = part.fieldname;
      if (part.type === 'file') {
        if (name !== 'image') throw refuse(name, `Unknown file part "${name}": send "image".`);
        if (image) throw refuse('image', 'Send one image, not two.');
        image = await readFile(part.file, bodySize(request, limits));
      } else if (names.includes(name) && !(name in fields)) {
        if (part.valueTruncated) throw refuse(name, `The part "${name}" is too long.`);
        fields[name] = typeof part.value === 'string' ? part.value : JSON.stringify(part.value);
      } else {
        throw refuse(name, `Unknown or repeated part "${name}".`);
      }
    }
  } catch (error) {
    throw asRefusal(error, limits);
  }
  if (!image) throw refuse('image', 'The part "image" is missing.');
  return { image, fields };
}

/**
 * Into one piece of memory from the start: gathered chunks would take as much again, and what they
 * leave behind is hard to use again.
 */
async function readFile(file: MultipartFile['file'], most: number): Promise<Buffer> {
  const memory = Buffer.allocUnsafeSlow(most);
  let length = 0;
  for await (const chunk of file as AsyncIterable<Buffer>) length += chunk.copy(memory, length);
  if (file.truncated) throw new TooLong();
  return memory.subarray(0, length);
}

function asRefusal(error: unknown, limits: ImageLimits): unknown {
  if (error instanceof ValidationFailed || !(error instanceof Error)) return error;
  if (error instanceof TooLong) return tooManyBytes(limits);
  return refuse('request', 'The form could not be read.', error);
}
