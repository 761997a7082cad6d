import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Picture } from './inference.js';

export interface PictureForm {
  headers: { 'content-type': string; 'content-length': number };
  body: AsyncIterable<Buffer>;
}

/** The multipart body of `POST /v1/stylize` (RFC 7578), of known length and read as it is sent. */
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
