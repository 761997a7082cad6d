import type { MultipartFile } from '@fastify/multipart';
import {
  type ImageLimits,
  inspectImage,
  stylizeParamsSchema,
  type StylizeParams,
  tooManyBytes,
} from '@stylizer/common';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { ClientGone, ValidationFailed } from '../errors.js';
import type { Service } from '../service.js';
import { blendCodes } from '../stylize/blend.js';
import { Timings } from '../stylize/timings.js';

/** The two routes that take an image: `POST /v1/stylize` and `POST /v1/styles/encode`. */
export function imageRoutes(app: FastifyInstance, service: Service): void {
  const { admission, catalogue, limits, metrics } = service;

  /** An image and `params` in, a JPG out. */
  app.post('/v1/stylize', async (request, reply) => {
    const stylizer = service.readyStylizer();
    const signal = abortWhenClientGone(reply);
    const timings = new Timings();
    const { jpeg, size } = await admission.enter(() =>
      admission.withBody(bodySize(request, limits), signal, async () => {
        const form = await readForm(request, ['params'], limits);
        const { styles, ...options } = parseParams(form.fields['params']);
        const code = blendCodes(catalogue.codesOf(styles, service.model));
        const plan = stylizer.plan(await inspectImage(form.image, limits), options);
        // The stylizer drops the upload once it is decoded; the form must not keep it.
        const upload = { bytes: form.image };
        form.image = Buffer.alloc(0);
        const queuedAt = performance.now();
        const work = async () => {
          timings.add('queue', performance.now() - queuedAt);
          const job = { signal, timings, onTile: sendProgress(reply) };
          const jpeg = await stylizer.stylize(upload, plan, { ...options, code }, job);
          return { jpeg, size: plan.output };
        };
        return plan.large
          ? admission.turnOfLarge(upload.bytes.length, signal, work)
          : admission.turn(plan.heldPixels, signal, work);
      }),
    );
    metrics.observe(timings);
    return reply
      .type('image/jpeg')
      .header('server-timing', timings.toString())
      .header('x-image-width', size.width)
      .header('x-image-height', size.height)
      .header('content-length', jpeg.bytes)
      .send(jpeg.body);
  });

  /** An image in, its style code and the id of the model that made it out. */
  app.post('/v1/styles/encode', async (request, reply) => {
    const stylizer = service.readyStylizer();
    const signal = abortWhenClientGone(reply);
    const job = { signal, timings: new Timings() };
    const code = await admission.enter(() =>
      admission.withBody(bodySize(request, limits), signal, async () => {
        const { image } = await readForm(request, [], limits);
        const { width, height } = await inspectImage(image, limits);
        return admission.turn(width * height, signal, () => stylizer.encodeStyle(image, job));
      }),
    );
    return { code: Array.from(code), model: service.model };
  });
}

/** Fires when the client disconnects before the response is sent. */
function abortWhenClientGone(reply: FastifyReply): AbortSignal {
  const controller = new AbortController();
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new ClientGone());
  });
  return controller.signal;
}

const PROGRESS_EVERY_MS = 250;

/**
 * Sends the number of finished tiles in informational responses (RFC 8297) before the response:
 * `stylizer-progress: <done>/<total>`.
 */
function sendProgress(reply: FastifyReply): (done: number, total: number) => void {
  let sentAt = -Infinity;
  return (done, total) => {
    const now = performance.now();
    if (now - sentAt < PROGRESS_EVERY_MS && done < total) return;
    sentAt = now;
    // Node sends no informational response without a link.
    const hints = { link: '</v1/stylize>; rel="self"', 'stylizer-progress': `${done}/${total}` };
    if (!reply.raw.headersSent) reply.raw.writeEarlyHints(hints);
  };
}

const invalid = (path: string, message: string, cause?: unknown) =>
  new ValidationFailed([{ path, message }], { cause });

function parseParams(text: string | undefined): StylizeParams {
  if (text === undefined) throw invalid('params', 'The part "params" is missing.');
  const parsed = stylizeParamsSchema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  throw new ValidationFailed(
    parsed.error.issues.map(({ path, message }) => ({
      path: ['params', ...path].join('.'),
      message,
    })),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalid('params', 'The part "params" is not JSON.', cause);
  }
}

/** Upper bound for the boundaries and headers of a multipart body. */
const ENVELOPE_BYTES = 131_072;

const FIELD_BYTES = 65_536;

class TooLong extends Error {}

/**
 * The most bytes that the body can have.
 *
 * @throws ImageRejected `IMAGE_TOO_LARGE` when it declares more than the largest image needs.
 */
function bodySize(request: FastifyRequest, limits: ImageLimits): number {
  const most = limits.maxBytes + ENVELOPE_BYTES;
  const declared = Number(request.headers['content-length'] ?? most);
  if (declared > most) throw tooManyBytes(limits);
  return declared;
}

/**
 * Reads a multipart body: one file in the part `image`, and the named text parts, in any order.
 *
 * @throws ImageRejected `IMAGE_TOO_LARGE`
 * @throws ValidationFailed for any other body.
 */
async function readForm(
  request: FastifyRequest,
  names: readonly string[],
  limits: ImageLimits,
): Promise<{ image: Buffer; fields: Record<string, string> }> {
  if (!request.isMultipart())
    throw invalid('request', 'Send multipart/form-data with the image in the part "image".');

  let image: Buffer | undefined;
  const fields: Record<string, string> = {};
  const parts = request.parts({
    limits: { files: 2, fileSize: limits.maxBytes, fields: 4, fieldSize: FIELD_BYTES, parts: 5 },
  });
  try {
    for await (const part of parts) {
      const name = part.fieldname;
      if (part.type === 'file') {
        if (name !== 'image') throw invalid(name, `Unknown file part "${name}": send "image".`);
        if (image) throw invalid('image', 'Send one image, not two.');
        image = await readFile(part.file, bodySize(request, limits));
      } else if (names.includes(name) && !(name in fields)) {
        if (part.valueTruncated) throw invalid(name, `The part "${name}" is too long.`);
        fields[name] = typeof part.value === 'string' ? part.value : JSON.stringify(part.value);
      } else {
        throw invalid(name, `Unknown or repeated part "${name}".`);
      }
    }
  } catch (error) {
    if (error instanceof TooLong) throw tooManyBytes(limits);
    if (error instanceof ValidationFailed || !(error instanceof Error)) throw error;
    throw invalid('request', 'The form could not be read.', error);
  }
  if (!image) throw invalid('image', 'The part "image" is missing.');
  return { image, fields };
}

/** Into one buffer: concatenating chunks would double the memory and fragment the heap. */
async function readFile(file: MultipartFile['file'], most: number): Promise<Buffer> {
  const memory = Buffer.allocUnsafeSlow(most);
  let length = 0;
  for await (const chunk of file as AsyncIterable<Buffer>) length += chunk.copy(memory, length);
  if (file.truncated) throw new TooLong();
  return memory.subarray(0, length);
}
