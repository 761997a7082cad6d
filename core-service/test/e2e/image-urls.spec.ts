import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { picture } from '../factories/images.js';
import { FakeInference } from '../support/fake-inference.js';
import { expectNoTraces, useTestApp, useUser } from '../support/fixtures.js';
import { CALLS_TO_TESTS } from '../support/outgoing.js';
import { expectProblem } from '../support/problems.js';
import { type Receiver, startReceiver } from '../support/receiver.js';
import { uploadMemory } from '../support/traces.js';

const image = await picture();
const LIMITS = { MAX_IMAGE_BYTES: '100000', UPLOAD_MEMORY_BYTES: '1000000' };

describe('an image that is named by its URL', () => {
  const app = useTestApp({ inference: new FakeInference(), env: { ...CALLS_TO_TESTS, ...LIMITS } });
  const user = useUser(app, beforeAll, 1_000);
  let server: Receiver;
  const serve: Receiver['answer'] = (_request, response) => void response.end(image);

  beforeAll(async () => {
    server = await startReceiver();
    server.answer = serve;
  });
  afterEach(() => {
    server.answer = serve;
    server.received.length = 0;
    expect(uploadMemory(app)).toBe(0);
  });
  afterAll(() => server.close());

  const submit = (url = `${server.url}/photo`) =>
    user.post('/v1/transformations').field('imageUrl', url).field('style', 'starry-night');
  const createStyle = (url = `${server.url}/photo`) =>
    user.post('/v1/styles').field('imageUrl', url).field('name', 'Quilt');

  it('is stylized like an upload, and paid for the same', async () => {
    const sent = await user.submit(image).expect(201);
    const { body, headers } = await submit().expect(201);
    expect(body.price).toBe(sent.body.price);
    expect(headers['x-tokens-charged']).toBe(String(body.price));
    expect([body.width, body.height]).toEqual([96, 64]);
    const original = await user.get(`/v1/transformations/${body.id}/original`).expect(200);
    expect(original.body).toEqual(
      (await user.get(`/v1/transformations/${sent.body.id}/original`)).body,
    );
    expect(server.received.map(({ path }) => path)).toEqual(['/photo']);
  });

  it('makes a custom style', async () => {
    const { body } = await createStyle().expect(201);
    expect(body).toMatchObject({ name: 'Quilt', kind: 'custom' });
  });

  it('is followed to where its server redirects', async () => {
    server.answer = ({ path }, response) =>
      path === '/photo'
        ? void response.writeHead(302, { location: '/moved' }).end()
        : void response.end(image);
    await submit().expect(201);
  });

  it('counts with an empty file beside it, as a form on a web page sends it', async () => {
    await submit().attach('image', Buffer.alloc(0), '').expect(201);
  });

  it('is fetched once for an idempotency key, even if its content changes', async () => {
    const first = await submit().set('idempotency-key', 'one').expect(201);
    server.answer = (_request, response) => void response.writeHead(404).end();
    const second = await submit().set('idempotency-key', 'one').expect(201);
    expect(second.body).toEqual(first.body);
    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(server.received).toHaveLength(1);
    const other = submit(`${server.url}/other`).set('idempotency-key', 'one');
    expectProblem(await other, 422, 'IDEMPOTENCY_KEY_REUSED');
    const sent = await user.submit(image).set('idempotency-key', 'one');
    expectProblem(sent, 422, 'IDEMPOTENCY_KEY_REUSED');
  });

  it('leaves the key free when it could not be fetched', async () => {
    server.answer = (_request, response) => void response.writeHead(503).end();
    await submit().set('idempotency-key', 'again').expect(422);
    server.answer = serve;
    await submit().set('idempotency-key', 'again').expect(201);
  });

  it('is refused beside an image, twice, or if it is no URL', async () => {
    for (const sent of [
      submit().attach('image', image, 'a.jpg'),
      submit().field('imageUrl', server.url),
      submit('').field('imageUrl', 'x').field('imageUrl', 'y'),
    ])
      expectProblem(await sent, 400, 'VALIDATION_FAILED');
    expectProblem(await submit('photo.jpg'), 422, 'URL_NOT_ALLOWED');
    expectProblem(await submit(''), 400, 'VALIDATION_FAILED');
    expect(server.received).toEqual([]);
  });

  describe('and cannot be had', () => {
    expectNoTraces(app, user);

    it.each<[string, number, string, Receiver['answer']]>([
      ['is not there', 422, 'URL_UNREACHABLE', (_, response) => void response.writeHead(404).end()],
      ['is empty', 422, 'IMAGE_UNREADABLE', (_, response) => void response.end()],
      ['is no image', 415, 'UNSUPPORTED_IMAGE', (_, response) => void response.end('<html>')],
      ['breaks off', 422, 'URL_UNREACHABLE', (_, response) => void response.socket?.destroy()],
      [
        'says that it is too large',
        413,
        'IMAGE_TOO_LARGE',
        (_, response) => void response.writeHead(200, { 'content-length': '100001' }).write('x'),
      ],
      [
        'does not end',
        413,
        'IMAGE_TOO_LARGE',
        (_, response) => {
          const more = () => {
            if (!response.destroyed) response.write(Buffer.alloc(10_000), more);
          };
          more();
        },
      ],
      [
        'redirects inside',
        422,
        'URL_NOT_ALLOWED',
        (_, response) => void response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
      ],
    ])('is refused when it %s, and costs nothing', async (_what, status, code, answer) => {
      server.answer = answer;
      expectProblem(await submit(), status, code);
      expectProblem(await createStyle(), status, code);
    });

    it.each([
      'https://169.254.169.254/latest/meta-data/',
      'http://10.0.0.1/',
      'http://[::ffff:10.0.0.1]/',
      'http://192.168.0.1:5432/',
      'file:///etc/passwd',
      'http://ada:secret@127.0.0.1/',
    ])('is refused without a call: %s', async (url) => {
      const response = await submit(url);
      expectProblem(response, 422, 'URL_NOT_ALLOWED');
      expectProblem(await createStyle(url), 422, 'URL_NOT_ALLOWED');
    });

    it('is refused when uploads take all memory', async () => {
      const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
      server.answer = async (_request, response) => {
        response.write(Buffer.alloc(90_000));
        await gate;
        response.end();
      };
      const many = Array.from({ length: 12 }, () => submit().then(({ body }) => String(body.code)));
      const refused = await Promise.any(
        many.map(async (one) => {
          const code = await one;
          if (code !== 'OVERLOADED') throw new Error(code);
          return code;
        }),
      );
      expect(refused).toBe('OVERLOADED');
      open(undefined);
      const codes = await Promise.all(many);
      expect(new Set(codes)).toEqual(new Set(['OVERLOADED', 'UNSUPPORTED_IMAGE']));
    });
  });
});
