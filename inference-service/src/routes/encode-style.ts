import { inspectImage } from '@stylizer/common';
import type { FastifyInstance } from 'fastify';
import { clientGone } from '../http/client-gone.js';
import { bodySize, readPictureForm } from '../http/picture-form.js';
import type { Service } from '../service.js';
import { Timings } from '../stylize/timings.js';

/** `POST /v1/styles/encode`: any picture in, its style code out, and which model made it. */
export function encodeStyleRoute(app: FastifyInstance, service: Service): void {
  const { admission, limits } = service;

  app.post('/v1/styles/encode', async (request, reply) => {
    const stylizer = service.readyStylizer();
    const signal = clientGone(reply);
    const job = { signal, timings: new Timings() };
    const code = await admission.enter(() =>
      admission.withBody(bodySize(request, limits), signal, async () => {
        const { image } = await readPictureForm(request, [], limits);
        const { width, height } = await inspectImage(image, limits);
        return admission.turn(width * height, signal, () => stylizer.encodeStyle(image, job));
      }),
    );
    return { code: Array.from(code), model: service.model };
  });
}
