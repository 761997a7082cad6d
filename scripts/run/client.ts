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
  /** Milliseconds from sending the picture to having the answer. */
  totalMs: number;
  /** What the service says of its own time, where it does. */
  serverTiming: string | null;
  charged: number;
}

/** What a transformation says of its own time, in milliseconds; null where it does not. */
export interface Timing {
  /** From the queue taking the job to a worker beginning it. */
  queuedMs: number | null;
  /** That the network ran. */
  inferenceMs: number | null;
}

interface Transformation {
  queuedAt: string | null;
  startedAt: string | null;
  inferenceMs: number | null;
}

const TIMEOUT_MS = 120_000;

/** The public API, as any client would use it. */
export class Client {
  #token: string | undefined;

  constructor(private readonly baseUrl: string) {}

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

  /** As a header, for requests that are not made here. */
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
    const response = await this.#send('/v1/transformations', {
      method: 'POST',
      headers: { accept: 'image/jpeg', prefer: 'wait=60' },
      body,
    });
    const jpeg = Buffer.from(await response.arrayBuffer());
    const totalMs = performance.now() - start;
    if (response.headers.get('content-type') !== 'image/jpeg') {
      throw new Plain(`Asked for a JPEG, got ${response.status}: ${jpeg.toString().slice(0, 300)}`);
    }
    return {
      jpeg,
      totalMs,
      serverTiming: response.headers.get('server-timing'),
      charged: Number(response.headers.get('x-tokens-charged')),
      id: response.headers.get('x-transformation-id') ?? '',
    };
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

  /** @throws Plain with what the service said, unless it answers 2xx. */
  async #send(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#token) headers.set('authorization', `Bearer ${this.#token}`);
    let response: Response;
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      response = await fetch(`${this.baseUrl}${path}`, { ...init, headers, signal });
    } catch (error) {
      throw new Plain(`${this.baseUrl}${path} did not answer: ${reasonOf(error)}`);
    }
    if (response.ok) return response;
    const text = await response.text();
    throw new Plain(
      `${init.method ?? 'GET'} ${path} answered ${response.status}:\n${text.slice(0, 600)}`,
    );
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
