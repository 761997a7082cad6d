import { connect } from 'node:net';
import { request as call, type Agent } from 'node:http';
import type { FuzzRequest } from './requests.js';

export interface Answer {
  status: number;
  type: string;
  /** Its first part. */
  body: string;
  headers: Record<string, string | string[] | undefined>;
}

const PATIENCE_MS = 90_000;
const READ = 200_000;
/** What Node's client refuses to send. */
const RAW = /[^\t\u0020-\u007e\u0080-\u00ff]/;

/** @throws when there is no answer */
export function send(base: URL, request: FuzzRequest, agent: Agent): Promise<Answer> {
  return request.headers.some(([, value]) => RAW.test(value))
    ? sendRaw(base, request)
    : sendProper(base, request, agent);
}

function sendProper(base: URL, { route, path, headers, body }: FuzzRequest, agent: Agent) {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = call(
    {
      ...{ agent, method: route.method, path },
      ...{ host: base.hostname, port: base.port },
      headers: [...hostOf(base, headers), ...headers, length(body)].flat(),
    },
    (response) => {
      const { statusCode: status = 0, headers: got } = response;
      const type = got['content-type'] ?? '';
      const chunks: Buffer[] = [];
      let read = 0;
      const done = () =>
        resolve({ status, type, headers: got, body: Buffer.concat(chunks).toString('utf8') });
      // A stream that ends when something else happens.
      if (type.startsWith('text/event-stream')) {
        response.destroy();
        return done();
      }
      response.on('data', (chunk: Buffer) => {
        if (read < READ) chunks.push(chunk);
        read += chunk.length;
      });
      response.once('end', done);
      response.once('error', reject);
    },
  );
  sent.setTimeout(PATIENCE_MS, () => sent.destroy(new Error(`silent for ${PATIENCE_MS} ms`)));
  sent.once('error', reject);
  sent.end(body);
  return promise;
}

/** Bytes as they are, on a connection of their own. */
function sendRaw(base: URL, { route, path, headers, body }: FuzzRequest): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const socket = connect(Number(base.port), base.hostname);
  const all = [...hostOf(base, headers), ...headers, length(body), ['connection', 'close']];
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  socket.write(`${route.method} ${path} HTTP/1.1\r\n${lines}\r\n`, 'latin1');
  if (body) socket.write(body);
  let text = '';
  socket.on('data', (chunk) => (text += chunk.toString('utf8')));
  socket.setTimeout(PATIENCE_MS, () => socket.destroy(new Error('silent')));
  socket.once('error', reject);
  socket.once('close', () => {
    const [head = '', answer = ''] = text.split('\r\n\r\n', 2);
    const type = /^content-type: (.*)$/im.exec(head)?.[1] ?? '';
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
    const injected = /^(x-role|set-cookie):/im.exec(head)?.[1];
    resolve({ status, type, body: answer, headers: injected ? { [injected]: 'injected' } : {} });
  });
  return promise;
}

function hostOf(base: URL, headers: FuzzRequest['headers']): FuzzRequest['headers'] {
  return headers.some(([name]) => name === 'host') ? [] : [['host', base.host]];
}

function length(body: Buffer | undefined): [string, string] {
  return ['content-length', String(body?.length ?? 0)];
}
