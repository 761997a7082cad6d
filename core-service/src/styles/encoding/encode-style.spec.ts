import { beforeEach, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { FakeInference } from '../../../test/support/fake-inference.js';
import { InferenceError, type InferenceErrorKind } from '../../inference/inference.js';
import { EncodeStyle } from './encode-style.js';

const trace = { requestId: 'request-1', traceparent: '' };
const failure = (kind: InferenceErrorKind, particulars = {}) =>
  Promise.reject(new InferenceError(kind, 'so it says', particulars));

describe('encoding a style', () => {
  let inference: FakeInference;
  let encoding: EncodeStyle;
  beforeEach(() => {
    inference = new FakeInference();
    encoding = new EncodeStyle(inference);
  });
  const encode = () => encoding.encode(Buffer.from('a picture'), trace);

  it('gives the code, and the sample scene drawn with it as the catalogue’s previews are', async () => {
    const { code, model, preview } = await encode();
    expect([code.length, model]).toEqual([128, 'model-1']);
    const { format, width, height } = await sharp(preview).metadata();
    expect({ format, width, height }).toEqual({ format: 'webp', width: 384, height: 256 });
    expect([inference.encoded, inference.seen]).toEqual([['request-1'], ['request-1']]);
  });

  it.each<InferenceErrorKind>(['unavailable', 'failed'])(
    'tries again what was %s once',
    async (kind) => {
      const [encodeWell, drawWell] = [inference.encode, inference.conduct];
      inference.encode = () => {
        inference.encode = encodeWell;
        return failure(kind);
      };
      inference.conduct = () => {
        inference.conduct = drawWell;
        return failure(kind);
      };
      expect((await encode()).code).toHaveLength(128);
      // The second encoding succeeded, and its drawing did not: both are done again.
      expect([inference.encoded, inference.seen].map(({ length }) => length)).toEqual([3, 2]);
    },
  );

  it('gives up after four attempts, and says when to come back', async () => {
    inference.encode = () => failure('unavailable');
    await expect(encode()).rejects.toMatchObject({
      code: 'INFERENCE_UNAVAILABLE',
      retryAfterSeconds: 10,
    });
    expect(inference.encoded).toHaveLength(4);
  });

  it('gives up at once when it is told to come back later than a client would wait', async () => {
    inference.encode = () => failure('unavailable', { retryAfterSeconds: 60 });
    await expect(encode()).rejects.toMatchObject({
      code: 'INFERENCE_UNAVAILABLE',
      retryAfterSeconds: 60,
    });
    expect(inference.encoded).toHaveLength(1);
  });

  it('encodes again when another model than the encoder’s is to draw', async () => {
    const models = ['old', 'new', 'new', 'new'];
    inference.model = () => String(models.shift());
    expect((await encode()).model).toBe('new');
    expect(inference.asked.map(({ styles }) => styles)).toEqual([
      [expect.objectContaining({ model: 'old' })],
      [expect.objectContaining({ model: 'new' })],
    ]);
  });

  it('gives up when models never agree', async () => {
    let call = 0;
    inference.model = () => String(call++);
    await expect(encode()).rejects.toMatchObject({ code: 'INFERENCE_UNAVAILABLE' });
    expect(inference.encoded).toHaveLength(4);
  });

  it('passes on why a picture is not taken, and asks no second time', async () => {
    inference.encode = () => failure('rejected', { code: 'IMAGE_UNREADABLE' });
    await expect(encode()).rejects.toMatchObject({
      name: 'ImageRejected',
      code: 'IMAGE_UNREADABLE',
      message: 'so it says',
    });
    expect(inference.encoded).toHaveLength(1);
  });

  it('hides a rejection that is no fault of the picture', async () => {
    inference.encode = () => failure('rejected', { code: 'VALIDATION_FAILED' });
    await expect(encode()).rejects.toMatchObject({ name: 'InferenceError' });
  });

  it('takes no preview that is not a picture', async () => {
    inference.conduct = () => Promise.resolve({ jpeg: Buffer.from('<h1>'), inferenceMs: 1 });
    await expect(encode()).rejects.toThrow(/unsupported image/);
  });
});
