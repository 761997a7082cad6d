import type { MultipartFile } from '@fastify/multipart';
import { type ImageLimits, tooManyBytes } from '@stylizer/common';
import type { FastifyRequest } from 'fastify';
import { DomainError, invalid } from '../common/domain-error.js';
import type { UploadShare } from './upload-memory.js';

export interface MultipartForm {
  /** Absent: its URL is in `imageUrl`. */
  image?: Buffer;
  /** Text parts by name, in the order sent. */
  fields: Map<string, string[]>;
}

const MAX_FIELDS = 20;
const MAX_FIELD_BYTES = 10_000;
/** Allowance for part headers and boundaries around the image. */
const MULTIPART_OVERHEAD = 100_000;

/**
 * Reads a multipart body with one file part, `image`, or the text part `imageUrl` instead. Ignores the
 * file part's content type and file name.
 *
 * @throws DomainError VALIDATION_FAILED | OVERLOADED
 * @throws ImageRejected IMAGE_TOO_LARGE
 */
export async function readMultipartForm(
  request: FastifyRequest,
  limits: ImageLimits,
  memory: UploadShare,
): Promise<MultipartForm> {
  if (!request.isMultipart())
    throw new DomainError('VALIDATION_FAILED', 'Send multipart/form-data with a part "image".', {
      errors: [{ path: 'image', message: 'is missing' }],
    });
  if (Number(request.headers['content-length']) > limits.maxBytes + MULTIPART_OVERHEAD)
    throw tooManyBytes(limits);

  const fields = new Map<string, string[]>();
  let image: Buffer | undefined;
  const parts = request.parts({
    limits: {
      files: 2,
      fields: MAX_FIELDS,
      fieldSize: MAX_FIELD_BYTES,
      fileSize: limits.maxBytes,
      parts: MAX_FIELDS + 2,
    },
  });
  try {
    for await (const part of parts) {
      // Typed as a string, but absent if the part has no name.
      const name = (part.fieldname as string | undefined) ?? '';
      if (part.type === 'field') {
        if (name === 'image') throw invalid('image', 'must be a file');
        if (part.valueTruncated) throw invalid(name, 'is too long');
        fields.set(name, [...(fields.get(name) ?? []), textOf(part.value)]);
      } else {
        if (name !== 'image') throw invalid(name, 'is not a file part of this route; send "image"');
        if (image) throw invalid('image', 'was sent twice; send one image at a time');
        image = await readFile(part, limits, memory);
      }
    }
  } catch (error) {
    throw translate(error, limits);
  }
  const hasUrl = fields.get('imageUrl')?.some(Boolean);
  // A form on a web page sends an empty file along when none was chosen.
  if (hasUrl && image?.length === 0) image = undefined;
  if (hasUrl && image) throw invalid('imageUrl', 'send either "image" or "imageUrl", not both');
  if (!hasUrl && !image) throw invalid('image', 'is missing: send a file, or "imageUrl"');
  return { image, fields };
}

/** A part with a JSON content type arrives parsed. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

async function readFile(
  part: MultipartFile,
  limits: ImageLimits,
  memory: UploadShare,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of part.file as AsyncIterable<Buffer>) {
    memory.take(chunk.length);
    chunks.push(chunk);
  }
  if (part.file.truncated) throw tooManyBytes(limits);
  return Buffer.concat(chunks);
}

function translate(error: unknown, limits: ImageLimits): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  switch (code) {
    case 'FST_REQ_FILE_TOO_LARGE':
      return tooManyBytes(limits);
    case 'FST_FILES_LIMIT':
      return invalid('image', 'was sent twice; send one image at a time');
    case 'FST_FIELDS_LIMIT':
    case 'FST_PARTS_LIMIT':
      return new DomainError('VALIDATION_FAILED', 'The form has too many parts.');
    case 'FST_INVALID_JSON_FIELD_ERROR':
      return new DomainError(
        'VALIDATION_FAILED',
        'A part has a JSON content type but is not JSON.',
      );
    case 'FST_PROTO_VIOLATION':
      return new DomainError('VALIDATION_FAILED', 'The form has a part with a forbidden name.');
    default:
      return isBrokenBody(error)
        ? new DomainError('VALIDATION_FAILED', 'The multipart body is not well-formed.')
        : error;
  }
}

/** Errors of busboy for a body that ends early or has no valid parts. */
function isBrokenBody(error: unknown): boolean {
  return (
    error instanceof Error &&
    /multipart|unexpected end|malformed|boundary|premature close|aborted/i.test(error.message)
  );
}
