import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { errorCode } from '../common/error-code.js';
import { InferenceError, type Stylized } from './inference.js';

/** Limit for an error's body; our problems are far shorter. */
const MAX_PROBLEM_BYTES = 65_536;

const problemSchema = z.object({ code: z.string(), detail: z.string().default('') });

/** Black and white noise of 100 megapixels at quality 100 takes 474 MB; real images take far less. */
const MAX_JPEG_BYTES = 500_000_000;

/**
 * Streams the JPG of an answer into the file.
 *
 * @throws InferenceError `failed` if it is not a complete JPG or the disk is full
 */
export async function receiveJpeg(
  answer: IncomingMessage,
  target: FileHandle,
  maxBytes = MAX_JPEG_BYTES,
): Promise<Pick<Stylized, 'bytes' | 'digest'>> {
  if (answer.headers['content-type'] !== 'image/jpeg')
    throw new InferenceError('failed', 'the answer is not a JPG');
  if (Number(answer.headers['content-length']) > maxBytes) throw tooLarge();
  const hash = createHash('sha256');
  let bytes = 0;
  async function* measured() {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw tooLarge();
      hash.update(chunk);
      yield chunk;
    }
  }
  try {
    await target.writeFile(measured());
  } catch (cause) {
    if (cause instanceof InferenceError) throw cause;
    const code = errorCode(cause) ?? String(cause);
    const what = isOfFile(cause) ? 'the disk is full' : 'the answer was interrupted';
    throw new InferenceError('failed', `${what} (${code})`, { cause });
  }
  if (!(await isWholeJpeg(target, bytes)))
    throw new InferenceError('failed', 'the answer is not a complete JPG');
  return { bytes, digest: hash.digest('hex') };
}

/** Starts with SOI and ends with EOI, so that an error page or half an image is never stored. */
async function isWholeJpeg(file: FileHandle, bytes: number): Promise<boolean> {
  if (bytes <= 4) return false;
  const marker = async (position: number) =>
    (await file.read(Buffer.alloc(2), 0, 2, position)).buffer.readUInt16BE();
  return (await marker(0)) === 0xffd8 && (await marker(bytes - 2)) === 0xffd9;
}

function isOfFile(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO'].includes(errorCode(error) ?? '');
}

function tooLarge(): InferenceError {
  return new InferenceError('failed', 'the answer is too large');
}

/** Turns an error answer into an error. */
export function refusal(
  status: number,
  retryAfter: string | null | undefined,
  body: unknown,
): InferenceError {
  const problem = problemSchema.safeParse(body);
  const { code, detail } = problem.success ? problem.data : { code: undefined, detail: '' };
  const message = detail || `the inference service answered ${status}`;
  if (status === 429 || status === 503)
    return new InferenceError('unavailable', message, {
      code,
      retryAfterSeconds: Number(retryAfter) || undefined,
    });
  if (code === 'MODEL_MISMATCH') return new InferenceError('mismatch', message, { code });
  // A 4xx without our problem body comes from a proxy, not from the service.
  return status < 500 && code
    ? new InferenceError('rejected', message, { code })
    : new InferenceError('failed', message, { code });
}

/** The JSON of an answer; undefined if it is not JSON, incomplete or too long. */
export async function readProblem(answer: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > MAX_PROBLEM_BYTES) return undefined;
      chunks.push(chunk);
    }
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}
