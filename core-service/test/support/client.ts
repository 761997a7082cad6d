import request from 'supertest';
import type { TestUser } from '../factories/users.js';
import type { TestApp } from './test-app.js';

/** A user's view of the api, over real HTTP. */
export function client(
  { url }: Pick<TestApp, 'url'>,
  { accessToken }: Pick<TestUser, 'accessToken'>,
) {
  const as = (test: request.Test) => test.auth(accessToken, { type: 'bearer' });
  return {
    get: (path: string) => as(request(url).get(path)),
    post: (path: string) => as(request(url).post(path)),
    delete: (path: string) => as(request(url).delete(path)),
    /** `POST /v1/transformations` with a picture and a style; more parts may be added. */
    submit: (image: Buffer, style = 'starry-night') =>
      as(request(url).post('/v1/transformations'))
        .attach('image', image, 'photo.jpg')
        .field('style', style),
    /** `POST /v1/styles` with a picture and a name; more parts may be added. */
    createStyle: (image: Buffer, name = 'Quilt') =>
      as(request(url).post('/v1/styles')).attach('image', image, 'quilt.jpg').field('name', name),
    balance: async (): Promise<{ available: number; held: number }> =>
      (await as(request(url).get('/v1/tokens/balance')).expect(200)).body,
  };
}
