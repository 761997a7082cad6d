import { once } from 'node:events';
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Received {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface Receiver {
  url: string;
  port: number;
  received: Received[];
  /** Requests not answered yet. */
  open(): number;
  /** Replaces the answer; by default 204. */
  answer: (request: Received, response: ServerResponse) => void | Promise<void>;
  close(): Promise<void>;
}

/** A server of a user, which our service calls. */
export async function startReceiver(host = '127.0.0.1'): Promise<Receiver> {
  let open = 0;
  const receiver: Receiver = {
    url: '',
    port: 0,
    received: [],
    open: () => open,
    answer: (_request, response) => void response.writeHead(204).end(),
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    open++;
    response.once('close', () => open--);
    const { method = '', url: path = '', headers } = request;
    const received = { method, path, headers, body: await text(request) };
    receiver.received.push(received);
    await receiver.answer(received, response);
  };
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, host);
  await once(server, 'listening');
  receiver.port = (server.address() as AddressInfo).port;
  receiver.url = `http://${host}:${receiver.port}`;
  return receiver;
}
