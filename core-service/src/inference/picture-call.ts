import { randomUUID } from 'node:crypto';
import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Picture } from './inference.js';

/** The same as fetch's. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Error code of a connection that was not made in time. */
export const CONNECT_TIMEOUT = 'CONNECT_TIMEOUT';

/** Comes with HTTP 103 (RFC 8297) before the answer: `<tiles done>/<tiles in all>`. */
const PROGRESS_HEADER = 'stylizer-progress';

const httpAgent = new http.Agent({ keepAlive: true });
const httpsAgent = new https.Agent({ keepAlive: true });

export interface PictureForm {
  headers: { 'content-type': string; 'content-length': number };
  body: AsyncIterable<Buffer>;
}

export interface PictureCall {
  form: PictureForm;
  headers: Record<string, string>;
  signal: AbortSignal;
  onProgress(done: number, total: number): void;
}

/**
 * POST, up to the head of the answer. Not with fetch, which hides 1xx answers and times out after
 * five minutes. The caller must destroy the answer at the end, which closes the connection if the
 * request was not sent completely.
 */
export async function callWithPicture(url: URL, call: PictureCall): Promise<IncomingMessage> {
  const options = {
    method: 'POST',
    headers: { ...call.headers, ...call.form.headers },
    signal: call.signal,
  };
  const request =
    url.protocol === 'https:'
      ? https.request(url, { ...options, agent: httpsAgent })
      : http.request(url, { ...options, agent: httpAgent });
  limitConnecting(request);
  request.on('information', ({ headers }) => tell(headers[PROGRESS_HEADER], call));
  return new Promise((resolve, reject) => {
    request.once('response', (answer) => {
      answer.once('close', () => {
        if (!request.writableFinished) request.destroy();
      });
      resolve(answer);
    });
    // A failure after the head surfaces when the body is read.
    request.on('error', reject);
    pipeline(call.form.body, request).catch(reject);
  });
}

function limitConnecting(request: ClientRequest): void {
  request.once('socket', (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => {
      const error = new Error('the connection was not made in time');
      request.destroy(Object.assign(error, { code: CONNECT_TIMEOUT }));
    }, CONNECT_TIMEOUT_MS);
    const stop = () => clearTimeout(timer);
    socket.once('connect', stop).once('close', stop);
  });
}

function tell(header: string | string[] | undefined, { onProgress }: PictureCall): void {
  const [, done, total] = /^(\d{1,6})\/(\d{1,6})$/.exec(String(header))?.map(Number) ?? [];
  if (done !== undefined && total !== undefined && total > 0 && done <= total)
    onProgress(done, total);
}

/** The multipart body of `POST /v1/stylize` (RFC 7578), of known length, streamed. */
export function pictureForm(params: string, image: Picture): PictureForm {
  const boundary = `stylizer-${randomUUID()}`;
  const head = Buffer.from(
    `--${boundary}\r\nContent-Disposition: form-data; name="params"\r\n\r\n${params}\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="image"; filename="image.jpg"\r\n` +
      'Content-Type: image/jpeg\r\n\r\n',
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    headers: {
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': head.length + image.bytes + tail.length,
    },
    body: inOrder(head, image.stream, tail),
  };
}

async function* inOrder(head: Buffer, stream: Readable, tail: Buffer): AsyncGenerator<Buffer> {
  yield head;
  yield* stream as AsyncIterable<Buffer>;
  yield tail;
}
