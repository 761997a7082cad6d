import type { StylizeRequest } from '@stylizer/common';
import request, { type Response } from 'supertest';

export const STYLE: StylizeRequest = { styles: [{ id: 'starry-night' }] };

/** `POST /v1/stylize` as a client that does everything right, but for what is passed. */
export const stylize = (url: string, image: Buffer, params: unknown = STYLE) =>
  request(url)
    .post('/v1/stylize')
    .field('params', JSON.stringify(params))
    .attach('image', image, { filename: 'photo', contentType: 'application/octet-stream' });

/** The JPG of an answer; anything else fails the test with what the service said. */
export function jpegOf(response: Response): Buffer {
  if (response.status !== 200)
    throw new Error(`${response.status}: ${JSON.stringify(response.body)}`);
  return response.body as Buffer;
}
