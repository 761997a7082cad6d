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

/** A JPG that is read as it is sent, so that none is held whole. */
export interface Picture {
  stream: Readable;
  /** Length in bytes. */
  bytes: number;
}

/** What the network makes of a style picture. */
export interface StyleCode {
  /** Numbers that fit float32. */
  code: number[];
  /** Which model made it: with any other the numbers mean something else. */
  model: string;
}

/** What stands in the target of the call. */
export interface Stylized {
  bytes: number;
  /** SHA-256 of the JPG, hexadecimal. */
  digest: string;
  /** Milliseconds that the network itself ran. */
  inferenceMs: number;
}

/** Headers that tie the logs and traces of both services together. */
export interface CallContext {
  requestId: string;
  traceparent?: string;
  signal: AbortSignal;
}

export interface StylizeContext extends CallContext {
  /** An empty file for the JPG. What it holds counts only when the call succeeds. */
  target: FileHandle;
  /** Hears how many of its tiles are done; never for a picture that is run in one piece. */
  onProgress(done: number, total: number): void;
}

/**
 * `rejected`: this picture will never be taken. `unavailable`: the service did not take the work
 * (down, starting, or full), so nothing was tried. `mismatch`: nor was it, for a style code is of
 * another model than the service has. `failed`: it was tried and went wrong.
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

/** The inference service, as the core sees it. Every method throws {@link InferenceError}. */
export abstract class Inference {
  abstract styles(): Promise<CatalogueStyle[]>;

  /** WebP; undefined when there is no such style. */
  abstract preview(styleId: string): Promise<Buffer | undefined>;

  /** Reads the picture to its end, or destroys its stream. */
  abstract stylize(
    image: Picture,
    request: StylizeRequest,
    context: StylizeContext,
  ): Promise<Stylized>;

  /** Of the picture it sees the centre square. */
  abstract encodeStyle(image: Buffer, context: CallContext): Promise<StyleCode>;

  /** Whether the service takes work now. */
  abstract isReady(): Promise<boolean>;
}
