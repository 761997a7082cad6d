import { setTimeout as delay } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import type { StylizeRequest } from '@stylizer/common';
import { z } from 'zod';
import { errorCode } from '../common/error-code.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import {
  type CallContext,
  type CatalogueStyle,
  Inference,
  InferenceError,
  type Stylized,
} from './inference.js';

const READ_TIMEOUT_MS = 5_000;
const READY_TIMEOUT_MS = 1_500;
/** How long an answer from the service counts for its being there. */
const READY_FOR_MS = 1_000;
const READ_ATTEMPTS = 3;
/** A picture of 50 megapixels at quality 100 stays below. */
const MAX_JPEG_BYTES = 200_000_000;

const catalogueSchema = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      description: z.string().optional(),
      tags: z.array(z.string()).optional(),
      source: z.string().optional(),
    }),
  ),
});
/** The bounds on a code are those of `params` in `POST /v1/stylize`. */
const codeSchema = z.object({ code: z.array(z.number().min(-1_000).max(1_000)).min(1).max(4_096) });
const problemSchema = z.object({ code: z.string(), detail: z.string().default('') });

/** Errors of a socket that never got as far as handing the request over. */
const NEVER_REACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

@Injectable()
export class HttpInference extends Inference {
  private readyUntil = 0;

  constructor(
    @Inject(CONFIG)
    private readonly config: Pick<Config, 'INFERENCE_URL' | 'INFERENCE_TIMEOUT_SECONDS'>,
  ) {
    super();
  }

  async styles(): Promise<CatalogueStyle[]> {
    const response = await this.read('/v1/styles');
    const parsed = catalogueSchema.safeParse(await response?.json().catch(() => undefined));
    if (!parsed.success) throw new InferenceError('failed', 'the catalogue is not as agreed');
    return parsed.data.items;
  }

  async preview(styleId: string): Promise<Buffer | undefined> {
    const response = await this.read(`/v1/styles/${encodeURIComponent(styleId)}/preview`);
    return response && Buffer.from(await response.arrayBuffer());
  }

  async isReady(): Promise<boolean> {
    if (Date.now() < this.readyUntil) return true;
    try {
      const response = await this.call('/health/ready', {
        signal: AbortSignal.timeout(READY_TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (response.ok) this.readyUntil = Date.now() + READY_FOR_MS;
      return response.ok;
    } catch {
      return false;
    }
  }

  async stylize(image: Buffer, request: StylizeRequest, context: CallContext): Promise<Stylized> {
    const form = new FormData();
    form.set('params', JSON.stringify(request));
    form.set('image', new Blob([new Uint8Array(image)], { type: 'image/jpeg' }), 'image.jpg');
    const timeout = AbortSignal.timeout(this.config.INFERENCE_TIMEOUT_SECONDS * 1000);
    const response = await this.call('/v1/stylize', {
      method: 'POST',
      body: form,
      headers: {
        'x-request-id': context.requestId,
        ...(context.traceparent && { traceparent: context.traceparent }),
      },
      signal: AbortSignal.any([timeout, context.signal]),
    });
    if (!response.ok) throw await refusal(response);
    const jpeg = await bodyOf(response);
    if (response.headers.get('content-type') !== 'image/jpeg' || !isWholeJpeg(jpeg))
      throw new InferenceError('failed', 'the answer is not a whole JPG');
    this.readyUntil = Date.now() + READY_FOR_MS;
    return { jpeg, inferenceMs: durationOf(response.headers.get('server-timing'), 'infer') };
  }

  async encodeStyle(image: Buffer, context: CallContext): Promise<number[]> {
    const form = new FormData();
    form.set('image', new Blob([new Uint8Array(image)], { type: 'image/jpeg' }), 'image.jpg');
    const timeout = AbortSignal.timeout(this.config.INFERENCE_TIMEOUT_SECONDS * 1000);
    const response = await this.call('/v1/styles/encode', {
      method: 'POST',
      body: form,
      headers: headersOf(context),
      signal: AbortSignal.any([timeout, context.signal]),
    });
    if (!response.ok) throw await refusal(response);
    const parsed = codeSchema.safeParse(await response.json().catch(() => undefined));
    if (!parsed.success) throw new InferenceError('failed', 'the style code is not as agreed');
    this.readyUntil = Date.now() + READY_FOR_MS;
    return parsed.data.code;
  }

  /** GET with retries; undefined for 404. */
  private async read(path: string): Promise<Response | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.call(path, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
        if (response.ok) return response;
        if (response.status === 404) return undefined;
        throw await refusal(response);
      } catch (error) {
        if (attempt === READ_ATTEMPTS) throw error;
        await delay(50 * 2 ** attempt * (0.5 + Math.random()));
      }
    }
  }

  private async call(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(new URL(path, this.config.INFERENCE_URL), init);
    } catch (cause) {
      this.readyUntil = 0;
      const code = causeCode(cause);
      throw NEVER_REACHED.has(code ?? '')
        ? new InferenceError('unavailable', `the inference service is not reached (${code})`, {
            cause,
          })
        : new InferenceError('failed', `the call broke off (${code ?? String(cause)})`, { cause });
    }
  }
}

function headersOf({ requestId, traceparent }: CallContext): Record<string, string> {
  return { 'x-request-id': requestId, ...(traceparent && { traceparent }) };
}

async function bodyOf(response: Response): Promise<Buffer> {
  if (Number(response.headers.get('content-length')) > MAX_JPEG_BYTES)
    throw new InferenceError('failed', 'the answer is too large');
  try {
    return Buffer.from(await response.arrayBuffer());
  } catch (cause) {
    throw new InferenceError('failed', 'the answer broke off', { cause });
  }
}

/** Starts with SOI and ends with EOI: an error page or half a picture is never stored. */
function isWholeJpeg(bytes: Buffer): boolean {
  return (
    bytes.length > 4 &&
    bytes.readUInt16BE(0) === 0xffd8 &&
    bytes.readUInt16BE(bytes.length - 2) === 0xffd9
  );
}

async function refusal(response: Response): Promise<InferenceError> {
  const body = problemSchema.safeParse(await response.json().catch(() => undefined));
  const { code, detail } = body.success ? body.data : { code: undefined, detail: '' };
  const message = detail || `the inference service answered ${response.status}`;
  if (response.status === 429 || response.status === 503)
    return new InferenceError('unavailable', message, {
      code,
      retryAfterSeconds: Number(response.headers.get('retry-after')) || undefined,
    });
  // A 4xx without our problem body comes from something in between, not from the service.
  return response.status < 500 && code
    ? new InferenceError('rejected', message, { code })
    : new InferenceError('failed', message, { code });
}

/** `dur` of one metric of a Server-Timing header, in milliseconds. */
function durationOf(header: string | null, metric: string): number {
  const match = new RegExp(`(?:^|,)\\s*${metric};dur=([\\d.]+)`).exec(header ?? '');
  return match ? Number(match[1]) : 0;
}

function causeCode(error: unknown): string | undefined {
  const { cause, name } = error as { cause?: unknown; name?: string };
  return errorCode(cause) ?? name;
}
