import { EventEmitter, once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request as call,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * What happens to a call to stylize: passed on, held until {@link InferenceProxy.release}, or
 * answered in place of the service.
 */
export type Conduct =
  'pass' | 'hold' | 'fail' | 'reset' | 'reject' | 'not a picture' | 'half a picture';

/** A proxy for the real inference service: slow, broken or down when a test wants it. */
export class InferenceProxy {
  conduct: Conduct = 'pass';
  /** By X-Request-Id, before {@link conduct}. */
  readonly conductTo = new Map<string, Conduct>();
  /** Headers of the calls to stylize, oldest first. */
  readonly calls: IncomingHttpHeaders[] = [];
  private readonly events = new EventEmitter();
  private readonly held = new Set<ServerResponse>();
  private server?: Server;
  private port = 0;

  /** @param target address of the service behind, which may change */
  constructor(public target = process.env.TEST_INFERENCE_URL ?? '') {}

  static async start(): Promise<InferenceProxy> {
    const proxy = new InferenceProxy();
    await proxy.up();
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Number of calls to stylize with this X-Request-Id. */
  callsFor(requestId: string): number {
    return this.calls.filter((headers) => headers['x-request-id'] === requestId).length;
  }

  /** Resolves after this many calls to stylize since the start. */
  async called(times: number): Promise<void> {
    while (this.calls.length < times) await once(this.events, 'call');
  }

  /** Holds what `submit` sends; resolves with its return value when the call has arrived. */
  async holding<T>(submit: () => Promise<T>): Promise<T> {
    this.conduct = 'hold';
    const calls = this.calls.length;
    const answer = await submit();
    await this.called(calls + 1);
    return answer;
  }

  /** Resolves when the service has received the next image completely. */
  async handedOver(): Promise<void> {
    await once(this.events, 'handed over');
  }

  /** Reports this progress for every held image. */
  tellProgress(done: number, total: number): void {
    for (const response of this.held) hint(response, `${done}/${total}`);
  }

  /** Passes on what is held and everything that follows. */
  release(): void {
    this.conduct = 'pass';
    this.events.emit('release');
  }

  /** Stops listening and breaks open connections. */
  async down(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** Listens again on the same port. */
  async up(): Promise<void> {
    this.server = createServer((request, response) => void this.answer(request, response));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.url !== '/v1/stylize') return this.forward(request, response);
    const conduct = this.conductTo.get(String(request.headers['x-request-id'])) ?? this.conduct;
    this.calls.push(request.headers);
    this.events.emit('call');
    switch (conduct) {
      case 'hold':
        this.held.add(response);
        await once(this.events, 'release');
        this.held.delete(response);
        if (!request.destroyed) this.forward(request, response);
        return;
      case 'pass':
        return this.forward(request, response);
      case 'reset':
        return void request.socket.resetAndDestroy();
      case 'fail':
        return answerProblem(response, 500, 'INTERNAL', 'Something went wrong on our side.');
      case 'reject':
        return answerProblem(response, 422, 'IMAGE_UNREADABLE', 'The image is damaged.');
      case 'not a picture':
        return void response
          .writeHead(200, { 'content-type': 'text/html' })
          .end('<h1>Welcome to nginx!</h1>');
      case 'half a picture':
        return void response
          .writeHead(200, { 'content-type': 'image/jpeg' })
          .end(Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]));
    }
  }

  private forward(request: IncomingMessage, response: ServerResponse): void {
    const { method, headers, url = '' } = request;
    const onward = call(new URL(url, this.target), { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => response.destroy());
      answer.pipe(response);
    });
    onward.on('information', ({ headers }) => {
      if (headers[PROGRESS]) hint(response, String(headers[PROGRESS]));
    });
    onward.on('error', () => response.destroy());
    onward.on('finish', () => {
      if (url === '/v1/stylize') this.events.emit('handed over');
    });
    request.on('error', () => onward.destroy());
    request.pipe(onward);
  }
}

const PROGRESS = 'stylizer-progress';

function hint(response: ServerResponse, progress: string): void {
  response.writeEarlyHints({ link: '</v1/stylize>; rel="self"', [PROGRESS]: progress });
}

function answerProblem(response: ServerResponse, status: number, code: string, detail: string) {
  response
    .writeHead(status, { 'content-type': 'application/problem+json' })
    .end(JSON.stringify({ status, code, detail }));
}
