import request from 'supertest';
import type { TestApp } from './test-app.js';

/** The API as a user calls it, over real HTTP. */
export function client({ url }: Pick<TestApp, 'url'>, { accessToken }: { accessToken: string }) {
  const as = (test: request.Test) => test.auth(accessToken, { type: 'bearer' });
  /** `POST /v1/transformations` with an image and a style; more parts may be added. */
  const submit = (image: Buffer, style = 'starry-night') =>
    as(request(url).post('/v1/transformations'))
      .attach('image', image, 'photo.jpg')
      .field('style', style);
  return {
    get: (path: string) => as(request(url).get(path)),
    post: (path: string) => as(request(url).post(path)),
    put: (path: string) => as(request(url).put(path)),
    patch: (path: string) => as(request(url).patch(path)),
    delete: (path: string) => as(request(url).delete(path)),
    submit,
    /** `POST /v1/styles` with an image and a name; more parts may be added. */
    createStyle: (image: Buffer, name = 'Quilt') =>
      as(request(url).post('/v1/styles')).attach('image', image, 'quilt.jpg').field('name', name),
    /** The same without waiting for the result; returns the id. */
    enqueue: async (image: Buffer, style = 'starry-night'): Promise<string> => {
      const { body } = await submit(image, style).set('prefer', 'respond-async').expect(202);
      return body.id;
    },
    /** The current state of the transformation. */
    transformation: async (id: string) =>
      (await as(request(url).get(`/v1/transformations/${id}`)).expect(200)).body,
    balance: async (): Promise<{ available: number; held: number }> =>
      (await as(request(url).get('/v1/tokens/balance')).expect(200)).body,
  };
}

export type Client = ReturnType<typeof client>;
