import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { buffer } from 'node:stream/consumers';

const BOUNDARY = '----a-boundary-of-the-tests';

export interface RawAnswer {
  status: number;
  headers: IncomingMessage['headers'];
  body: { code?: string; id?: string };
}

/** An upload whose bytes the test sends itself: slowly, malformed or incomplete. */
export class RawUpload {
  private readonly request: ClientRequest;
  private readonly answered: Promise<RawAnswer>;

  /** @param bytes Content-Length; without it the body goes in chunks */
  constructor({ url }: { url: string }, { accessToken }: { accessToken: string }, bytes?: number) {
    this.request = request(`${url}/v1/transformations`, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${accessToken}`,
        'content-type': `multipart/form-data; boundary=${BOUNDARY}`,
        ...(bytes !== undefined && { 'content-length': bytes }),
      },
    });
    this.answered = once(this.request, 'response').then(async ([response]: IncomingMessage[]) =>
      read(response as IncomingMessage),
    );
    this.answered.catch(() => undefined);
    // An answer may come before everything is sent; the rest is then refused.
    this.request.on('error', () => undefined);
  }

  /** Resolves when the bytes have been sent. */
  send(bytes: Buffer | string): Promise<void> {
    return new Promise((resolve) => this.request.write(bytes, () => resolve()));
  }

  end(): void {
    this.request.end();
  }

  hangUp(): void {
    this.request.destroy();
  }

  answer(): Promise<RawAnswer> {
    return this.answered;
  }
}

async function read(response: IncomingMessage): Promise<RawAnswer> {
  const text = (await buffer(response)).toString();
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: text ? JSON.parse(text) : {},
  };
}

export function textPart(name: string, value: string): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

/** Everything before the first byte of the image. */
export const IMAGE_HEAD = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n`;

/** Everything after its last byte. */
export const FORM_END = `\r\n--${BOUNDARY}--\r\n`;
