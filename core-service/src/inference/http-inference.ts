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
  type Picture,
  type StyleCode,
  type Stylized,
  type StylizeContext,
} from './inference.js';
import { CONNECT_TIMEOUT, callWithPicture, pictureForm } from './picture-call.js';
import { readProblem, receiveJpeg, refusal } from './inference-answer.js';

const READ_TIMEOUT_MS = 5_000;
const READY_TIMEOUT_MS = 1_500;
/** How long the service counts as ready after an answer. */
const READY_FOR_MS = 1_000;
const READ_ATTEMPTS = 3;
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

/** The same limits as for `params` in `POST /v1/stylize`. */
const codeSchema = z.object({
  code: z.array(z.number().min(-1_000).max(1_000)).min(1).max(4_096),
  model: z.string().min(1).max(64),
});

/** Socket errors before the request was sent. */
const NEVER_REACHED = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  CONNECT_TIMEOUT,
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
    if (!parsed.success) throw new InferenceError('failed', 'the catalogue has an unexpected form');
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

  async stylize(
    image: Picture,
    request: StylizeRequest,
    { target, onProgress, ...context }: StylizeContext,
  ): Promise<Stylized> {
    const timeout = AbortSignal.timeout(this.config.INFERENCE_TIMEOUT_SECONDS * 1000);
    try {
      const answer = await this.reach(
        callWithPicture(new URL('/v1/stylize', this.config.INFERENCE_URL), {
          form: pictureForm(JSON.stringify(request), image),
          headers: headersOf(context),
          signal: AbortSignal.any([timeout, context.signal]),
          onProgress,
        }),
      );
      try {
        const { statusCode = 0, headers } = answer;
        if (statusCode !== 200)
          throw refusal(statusCode, headers['retry-after'], await readProblem(answer));
        const jpeg = await receiveJpeg(answer, target);
        this.readyUntil = Date.now() + READY_FOR_MS;
        return { ...jpeg, inferenceMs: durationOf(headers['server-timing'], 'infer') };
      } finally {
        answer.destroy();
      }
    } finally {
      image.stream.destroy();
    }
  }

  async encodeStyle(image: Buffer, context: CallContext): Promise<StyleCode> {
    const form = new FormData();
    form.set('image', new Blob([new Uint8Array(image)], { type: 'image/jpeg' }), 'image.jpg');
    const timeout = AbortSignal.timeout(this.config.INFERENCE_TIMEOUT_SECONDS * 1000);
    const response = await this.call('/v1/styles/encode', {
      method: 'POST',
      body: form,
      headers: headersOf(context),
      signal: AbortSignal.any([timeout, context.signal]),
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw refusal(response.status, response.headers.get('retry-after'), body);
    const parsed = codeSchema.safeParse(body);
    if (!parsed.success)
      throw new InferenceError('failed', 'the style code has an unexpected form');
    this.readyUntil = Date.now() + READY_FOR_MS;
    return parsed.data;
  }

  /** GET with retries; undefined for 404. */
  private async read(path: string): Promise<Response | undefined> {
    for (let attempt = 1; ; attempt++) {
      try {
        const response = await this.call(path, { signal: AbortSignal.timeout(READ_TIMEOUT_MS) });
        if (response.ok) return response;
        if (response.status === 404) return undefined;
        const problem: unknown = await response.json().catch(() => undefined);
        throw refusal(response.status, response.headers.get('retry-after'), problem);
      } catch (error) {
        if (attempt === READ_ATTEMPTS) throw error;
        await delay(50 * 2 ** attempt * (0.5 + Math.random()));
      }
    }
  }

  private call(path: string, init: RequestInit): Promise<Response> {
    return this.reach(fetch(new URL(path, this.config.INFERENCE_URL), init));
  }

  private async reach<T>(answer: Promise<T>): Promise<T> {
    try {
      return await answer;
    } catch (cause) {
      this.readyUntil = 0;
      const code = causeCode(cause);
      throw NEVER_REACHED.has(code)
        ? new InferenceError('unavailable', `the inference service cannot be reached (${code})`, {
            cause,
          })
        : new InferenceError('failed', `the call was interrupted (${code})`, { cause });
    }
  }
}

function headersOf({ requestId, traceparent }: CallContext): Record<string, string> {
  return { 'x-request-id': requestId, ...(traceparent && { traceparent }) };
}

/** `dur` of one metric of a Server-Timing header, in milliseconds. */
function durationOf(header: string | string[] | undefined, metric: string): number {
  const match = new RegExp(`(?:^|,)\\s*${metric};dur=([\\d.]+)`).exec(String(header));
  return match ? Number(match[1]) : 0;
}

/** fetch wraps the error in another; an abort has only a name. */
function causeCode(error: unknown): string {
  const { cause, name } = error as { cause?: unknown; name?: string };
  return errorCode(cause) ?? errorCode(error) ?? name ?? String(error);
}
