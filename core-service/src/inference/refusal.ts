import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { InferenceError } from './inference.js';

/** Of an error's body; a problem of ours is far shorter. */
const MAX_PROBLEM_BYTES = 65_536;

const problemSchema = z.object({ code: z.string(), detail: z.string().default('') });

/** What an answer other than the wished-for one means. */
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
  // A 4xx without our problem body comes from something in between, not from the service.
  return status < 500 && code
    ? new InferenceError('rejected', message, { code })
    : new InferenceError('failed', message, { code });
}

/** The JSON of an answer; undefined when it is none, breaks off or is no short text. */
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
