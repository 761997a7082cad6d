import type { FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { StylizeRequest } from '@stylizer/common';

export interface CatalogueStyle {
  id: string;
  name: string;
  description?: string;
  tags?: string[];
  source?: string;
}

/** A JPG as a stream, never whole in memory. */
export interface Picture {
  stream: Readable;
  /** Length in bytes. */
  bytes: number;
}

/** The network's code for a style image. */
export interface StyleCode {
  /** Numbers that fit float32. */
  code: number[];
  /** The model that made the code; to any other model the numbers are meaningless. */
  model: string;
}

/** What was written to the target of the call. */
export interface Stylized {
  bytes: number;
  /** SHA-256 of the JPG, hexadecimal. */
  digest: string;
  /** Milliseconds that the network ran. */
  inferenceMs: number;
}

/** Headers that connect the logs and traces of both services. */
export interface CallContext {
  requestId: string;
  traceparent?: string;
  signal: AbortSignal;
}

export interface StylizeContext extends CallContext {
  /** An empty file for the JPG. Its content is valid only if the call succeeds. */
  target: FileHandle;
  /** Called as tiles are done; never for an image that runs in one piece. */
  onProgress(done: number, total: number): void;
}

/**
 * `rejected`: this image will never be accepted. `unavailable`: the service did not accept the work
 * (down, starting or full), so nothing was tried. `mismatch`: nothing was tried, because a style code
 * belongs to another model. `failed`: it was tried and failed.
 */
export type InferenceErrorKind = 'rejected' | 'unavailable' | 'mismatch' | 'failed';

export class InferenceError extends Error {
  override readonly name = 'InferenceError';
  constructor(
    readonly kind: InferenceErrorKind,
    message: string,
    readonly particulars: { code?: string; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: particulars.cause });
  }
}

/** The client of the inference service. Every method throws {@link InferenceError}. */
export abstract class Inference {
  abstract styles(): Promise<CatalogueStyle[]>;

  /** WebP; undefined if there is no such style. */
  abstract preview(styleId: string): Promise<Buffer | undefined>;

  /** Reads the image's stream to its end or destroys it. */
  abstract stylize(
    image: Picture,
    request: StylizeRequest,
    context: StylizeContext,
  ): Promise<Stylized>;

  /** Uses only the centre square of the image. */
  abstract encodeStyle(image: Buffer, context: CallContext): Promise<StyleCode>;

  /** Whether the service accepts work now. */
  abstract isReady(): Promise<boolean>;
}
