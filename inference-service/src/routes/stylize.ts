import { inspectImage, stylizeParamsSchema, type StylizeParams } from '@stylizer/common';
import type { FastifyInstance } from 'fastify';
import { clientGone } from '../http/client-gone.js';
import { bodySize, readPictureForm } from '../http/picture-form.js';
import { resolveStyles } from '../model/style-codes.js';
import type { Service } from '../service.js';
import { ValidationFailed } from '../service-error.js';
import { blendCodes } from '../stylize/blend.js';
import { progress } from '../http/progress.js';
import { Timings } from '../stylize/timings.js';

/** `POST /v1/stylize`: a photograph and `params` in, a JPG out. */
export function stylizeRoute(app: FastifyInstance, service: Service): void {
  const { admission, catalogue, limits, metrics } = service;

  app.post('/v1/stylize', async (request, reply) => {
    const stylizer = service.readyStylizer();
    const signal = clientGone(reply);
    const timings = new Timings();
    const { body, bytes, size } = await admission.enter(() =>
      admission.withBody(bodySize(request, limits), signal, async () => {
        const form = await readPictureForm(request, ['params'], limits);
        const { styles, ...options } = parseParams(form.fields['params']);
        const code = blendCodes(resolveStyles(styles, catalogue, service.model));
        const plan = stylizer.plan(await inspectImage(form.image, limits), options);
        const picture = { bytes: form.image };
        form.image = Buffer.alloc(0);
        const asked = performance.now();
        const work = async () => {
          timings.add('queue', performance.now() - asked);
          const job = { signal, timings, onTile: progress(reply) };
          const answer = await stylizer.stylize(picture, plan, { ...options, code }, job);
          return { ...answer, size: plan.output };
        };
        return plan.large
          ? admission.turnOfLarge(picture.bytes.length, signal, work)
          : admission.turn(plan.heldPixels, signal, work);
      }),
    );
    metrics.observe(timings);
    return reply
      .type('image/jpeg')
      .header('server-timing', timings.toString())
      .header('x-image-width', size.width)
      .header('x-image-height', size.height)
      .header('content-length', bytes)
      .send(body);
  });
}

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

const invalid = (path: string, message: string, cause?: unknown) =>
  new ValidationFailed([{ path, message }], { cause });
