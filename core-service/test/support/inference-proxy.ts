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
 * What becomes of a call to stylize: handed over, kept until {@link InferenceProxy.release}, or
 * answered in place of the service.
 */
export type Conduct =
  'pass' | 'hold' | 'fail' | 'reset' | 'reject' | 'not a picture' | 'half a picture';

/** Stands in front of the real inference service: slow, broken or away when a test wants it so. */
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

  /** How often the request of this X-Request-Id came to be stylized. */
  callsFor(requestId: string): number {
    return this.calls.filter((headers) => headers['x-request-id'] === requestId).length;
  }

  /** Resolves when so many calls to stylize have come in since the start. */
  async called(times: number): Promise<void> {
    while (this.calls.length < times) await once(this.events, 'call');
  }

  /** Keeps what `submit` sends; resolves with what it says when the call has come in. */
  async holding<T>(submit: () => Promise<T>): Promise<T> {
    this.conduct = 'hold';
    const calls = this.calls.length;
    const answer = await submit();
    await this.called(calls + 1);
    return answer;
  }

  /** Resolves when the next picture is wholly in the hands of the service. */
  async handedOver(): Promise<void> {
    await once(this.events, 'handed over');
  }

  /** Tells of every picture that is held how many of its tiles are done. */
  tellProgress(done: number, total: number): void {
    for (const response of this.held) hint(response, `${done}/${total}`);
  }

  /** Hands over what is held, and whatever comes. */
  release(): void {
    this.conduct = 'pass';
    this.events.emit('release');
  }

  /** From now on nobody listens; open connections break. */
  async down(): Promise<void> {
    const { server } = this;
    if (!server) return;
    this.server = undefined;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  }

  /** Listens, on the same port as before. */
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
