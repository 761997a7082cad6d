import { Inject, Injectable } from '@nestjs/common';
import { Agent, buildConnector, type Dispatcher, ProxyAgent } from 'undici';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { translate } from './outgoing-failure.js';
import {
  allowedUrl,
  isAllowed,
  leadsElsewhere,
  notAllowed,
  type OutgoingRules,
  unreachable,
} from './outgoing-rules.js';
import { guardedLookup } from './resolve-host.js';

const MAX_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const CONNECT_TIMEOUT_MS = 5_000;
/** Between two pieces of a body. */
const IDLE_MS = 5_000;
const MAX_HEADER_BYTES = 16_384;
const USER_AGENT = 'Stylizer/1';

export interface OutgoingRequest {
  /** A redirect is followed for GET, and is the answer for POST. */
  method?: 'GET' | 'POST';
  /** All of them; none is added from the caller's own request. */
  headers?: Record<string, string>;
  body?: string;
  /** From the first look-up to the last byte, redirects included. */
  timeoutMs: number;
  /** Of the body. */
  maxBytes: number;
  /** What happens beyond `maxBytes`: the rest is not read, or this is thrown. */
  beyond: 'cut' | (() => Error);
  /** Called before each piece of the body is kept; may throw. */
  onBytes?: (bytes: number) => void;
  signal?: AbortSignal;
}

export interface OutgoingAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

type OutgoingConfig = Pick<
  Config,
  | 'OUTGOING_ALLOW_HTTP'
  | 'OUTGOING_PORTS'
  | 'OUTGOING_ALLOWED_NETWORKS'
  | 'OUTGOING_DNS_SERVERS'
  | 'OUTGOING_PROXY'
>;

/**
 * Calls URLs of a user's choosing, and none that lead into our own network (server-side request
 * forgery, OWASP A10:2021). Nothing else in this service may.
 */
@Injectable()
export class Outgoing {
  private readonly rules: OutgoingRules;
  private readonly lookup: ReturnType<typeof guardedLookup>;

  constructor(@Inject(CONFIG) private readonly config: OutgoingConfig) {
    this.rules = {
      allowHttp: config.OUTGOING_ALLOW_HTTP,
      ports: config.OUTGOING_PORTS,
      allowedNetworks: config.OUTGOING_ALLOWED_NETWORKS,
    };
    this.lookup = guardedLookup(this.rules, config.OUTGOING_DNS_SERVERS);
  }

  /**
   * Refuses what would be refused whatever the host resolves to.
   *
   * @returns the URL in its one form
   * @throws DomainError URL_NOT_ALLOWED
   */
  check(url: string): string {
    return allowedUrl(url, this.rules).href;
  }

  /**
   * Sends no cookies, follows at most three redirects, never from https to http, and decompresses nothing.
   *
   * @throws DomainError URL_NOT_ALLOWED | URL_UNREACHABLE, and what the caller's functions throw
   */
  async fetch(text: string, request: OutgoingRequest): Promise<OutgoingAnswer> {
    const { method = 'GET', timeoutMs, signal } = request;
    let url = allowedUrl(text, this.rules);
    const timeout = AbortSignal.timeout(timeoutMs);
    const until = signal ? AbortSignal.any([timeout, signal]) : timeout;
    // One for each call: no connection outlives it, or is shared with another user's.
    const dispatcher = this.dispatcher();
    try {
      for (let redirects = 0; ; redirects++) {
        const response = await this.send(dispatcher, url, request, until);
        // Destroyed before its end, it says so as an error.
        response.body.on('error', () => undefined);
        const { statusCode: status, headers } = response;
        const { location } = headers;
        if (method !== 'GET' || !REDIRECTS.has(status) || typeof location !== 'string')
          return { status, headers, body: await bodyOf(response, request) };
        response.body.destroy();
        if (redirects === MAX_REDIRECTS)
          throw unreachable(`it redirects more than ${MAX_REDIRECTS} times.`);
        url = this.redirected(url, location);
      }
    } catch (error) {
      throw translate(error, { timedOut: timeout.aborted && !signal?.aborted });
    } finally {
      void dispatcher.destroy();
    }
  }

  private redirected(from: URL, location: string): URL {
    const to = URL.parse(location, from.href);
    if (from.protocol === 'https:' && to?.protocol === 'http:')
      throw notAllowed('It redirects from https to http.');
    return allowedUrl(to?.href ?? location, this.rules);
  }

  private send(
    dispatcher: Dispatcher,
    { origin, pathname, search }: URL,
    { method = 'GET', headers, body }: OutgoingRequest,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    return dispatcher.request({
      origin,
      path: pathname + search,
      method,
      // No compression: a few bytes would become gigabytes.
      headers: { 'user-agent': USER_AGENT, 'accept-encoding': 'identity', ...headers },
      body,
      signal,
      bodyTimeout: IDLE_MS,
    });
  }

  private dispatcher(): Dispatcher {
    const limits = { maxHeaderSize: MAX_HEADER_BYTES };
    const { OUTGOING_PROXY: uri } = this.config;
    // The proxy looks names up, so it is also the one that must refuse them.
    if (uri) return new ProxyAgent({ uri, proxyTunnel: true, ...limits });
    return new Agent({ ...limits, connect: this.connector() });
  }

  /** A second look at the address, when the connection stands. */
  private connector(): buildConnector.connector {
    const connect = buildConnector({ timeout: CONNECT_TIMEOUT_MS, lookup: this.lookup });
    return (options, callback) =>
      connect(options, (...[error, socket]) => {
        if (error) return callback(error, null);
        if (isAllowed(socket.remoteAddress ?? '', this.rules)) return callback(null, socket);
        socket.destroy();
        callback(leadsElsewhere(), null);
      });
  }
}

async function bodyOf(
  { body, headers }: Dispatcher.ResponseData,
  { maxBytes, beyond, onBytes }: OutgoingRequest,
): Promise<Buffer> {
  if (beyond !== 'cut' && Number(headers['content-length']) > maxBytes) throw beyond();
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes && beyond !== 'cut') throw beyond();
    onBytes?.(chunk.length);
    chunks.push(chunk);
    if (bytes > maxBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}
