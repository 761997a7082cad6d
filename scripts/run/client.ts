import { setTimeout as delay } from 'node:timers/promises';
import { Plain } from './settings.js';

export interface Style {
  id: string;
  name: string;
}

export interface LedgerEntry {
  kind: string;
  amount: number;
  balanceAfter: number;
  description: string;
  createdAt: string;
}

export interface Stylized {
  id: string;
  jpeg: Buffer;
  /** Milliseconds from sending the image to receiving the answer. */
  totalMs: number;
  /** The service's own timings, if reported. */
  serverTiming: string | null;
  charged: number;
}

/** A transformation's own timings in milliseconds; null if unknown. */
export interface Timing {
  /** From queueing the job to its claim by a worker. */
  queuedMs: number | null;
  /** Run time of the network. */
  inferenceMs: number | null;
}

interface Transformation {
  status: 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';
  error?: { code: string; detail: string };
  queuedAt: string | null;
  startedAt: string | null;
  inferenceMs: number | null;
}

/** For one request: uploading 100 megapixels on a busy machine, and the wait of 60 s after it. */
const TIMEOUT_MS = 240_000;
/** For one image, with all its attempts. */
const PATIENCE_MS = 30 * 60_000;
const POLL_MS = 250;

/** The public API as any client would use it. */
export class Client {
  #token: string | undefined;

  constructor(
    private readonly baseUrl: string,
    private readonly patienceMs = PATIENCE_MS,
  ) {}

  async register(email: string, password: string): Promise<void> {
    const { accessToken } = await this.#json<{ accessToken: string }>('/v1/auth/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    this.#token = accessToken;
  }

  async styles(): Promise<Style[]> {
    return (await this.#json<{ items: Style[] }>('/v1/styles')).items;
  }

  /** The header for requests made elsewhere. */
  get authorization(): { authorization: string } {
    return { authorization: `Bearer ${this.#token}` };
  }

  balance(): Promise<{ available: number; held: number }> {
    return this.#json('/v1/tokens/balance');
  }

  /** Oldest first. */
  async ledger(): Promise<LedgerEntry[]> {
    const { items } = await this.#json<{ items: LedgerEntry[] }>('/v1/tokens/entries?limit=100');
    return items.reverse();
  }

  /**
   * Waits for the result, and polls if the service stops waiting first.
   *
   * @throws Plain when it fails, or takes longer than half an hour.
   */
  async stylize(
    image: Blob,
    style: string,
    options: Record<string, string> = {},
  ): Promise<Stylized> {
    const body = new FormData();
    body.set('style', style);
    for (const [name, value] of Object.entries(options)) body.set(name, value);
    body.set('image', image, 'sample.jpg');
    const start = performance.now();
    const response = await this.#ask('/v1/transformations', {
      method: 'POST',
      headers: { accept: 'image/jpeg', prefer: 'wait=60' },
      body,
    });
    const id = response.headers.get('x-transformation-id') ?? '';
    // 503 with an id: inference is down at the moment, and the job stays queued.
    const goesOn = response.status === 202 || (response.status === 503 && id !== '');
    const jpeg = await bytesOf(
      goesOn ? await this.#resultOf(id, start + this.patienceMs) : response,
    );
    return {
      jpeg,
      totalMs: performance.now() - start,
      serverTiming: response.headers.get('server-timing'),
      charged: Number(response.headers.get('x-tokens-charged')),
      id,
    };
  }

  async #resultOf(id: string, until: number): Promise<Response> {
    for (;;) {
      const { status, error } = await this.#json<Transformation>(`/v1/transformations/${id}`);
      if (status === 'completed') return this.#send(`/v1/transformations/${id}/result`);
      if (status === 'failed' || status === 'cancelled')
        throw new Plain(
          `The transformation ${id} ${status}: ${error?.detail ?? 'no reason given'}`,
        );
      if (performance.now() > until) throw new Plain(`${id} is still ${status}: given up.`);
      await delay(POLL_MS);
    }
  }

  async timing(id: string): Promise<Timing> {
    const found = await this.#json<Transformation>(`/v1/transformations/${id}`);
    const { queuedAt, startedAt, inferenceMs } = found;
    const queuedMs = queuedAt && startedAt ? Date.parse(startedAt) - Date.parse(queuedAt) : null;
    return { queuedMs, inferenceMs };
  }

  async #json<T>(path: string, init?: RequestInit): Promise<T> {
    return (await (await this.#send(path, init)).json()) as T;
  }

  /** @throws Plain with the service's answer, unless it is 2xx. */
  async #send(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.#ask(path, init);
    if (response.ok) return response;
    const text = await response.text();
    throw new Plain(
      `${init.method ?? 'GET'} ${path} answered ${response.status}:\n${text.slice(0, 600)}`,
    );
  }

  /** @throws Plain when there is no answer. */
  async #ask(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token) headers.set('authorization', `Bearer ${this.#token}`);
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      return await fetch(`${this.baseUrl}${path}`, { ...init, headers, signal });
    } catch (error) {
      throw new Plain(`${this.baseUrl}${path} did not answer: ${reasonOf(error)}`);
    }
  }
}

async function bytesOf(response: Response): Promise<Buffer> {
  const bytes = Buffer.from(await response.arrayBuffer());
  if (response.headers.get('content-type') === 'image/jpeg') return bytes;
  throw new Plain(`Asked for a JPEG, got ${response.status}:\n${bytes.toString().slice(0, 600)}`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
