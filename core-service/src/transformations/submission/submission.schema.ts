import type { ApiBodyOptions } from '@nestjs/swagger';

type Schema = Extract<ApiBodyOptions, { schema: unknown }>['schema'];

/** The multipart body of `POST /v1/transformations`, for the API document. */
export const submissionSchema: Schema = {
  type: 'object',
  required: ['image'],
  properties: {
    image: {
      type: 'string',
      format: 'binary',
      description:
        'JPEG, PNG, WebP, AVIF, GIF or TIFF (first frame), of up to 60 MB and 100 megapixels (AVIF: 25) ' +
        'unless the service is configured otherwise. Its content decides, not its name.',
    },
    style: {
      type: 'string',
      description: 'Id of a style from `GET /v1/styles`; repeat the part to blend in equal shares.',
      example: 'starry-night',
    },
    styles: {
      type: 'string',
      description:
        'Instead of `style`: JSON with 1 to 4 styles and their weights, `[{"id":"starry-night","weight":0.7},{"id":"great-wave","weight":0.3}]`.',
      // Swagger UI fills every field; an empty one counts as absent.
      example: '',
    },
    strength: {
      type: 'number',
      minimum: 0,
      maximum: 1,
      default: 1,
      description: '0 gives the photograph back, 1 is the full style.',
    },
    preserveColors: {
      type: 'boolean',
      default: false,
      description: "Keep the photograph's colours and take the style's strokes and light.",
    },
    maxSize: {
      type: 'integer',
      minimum: 64,
      maximum: 16384,
      example: 1024,
      description:
        "Longest side of the output in pixels; without it the output has the input's size.",
    },
    strokeScale: {
      type: 'number',
      minimum: 0.5,
      maximum: 4,
      default: 1,
      description:
        "Size of the style's strokes: 2 makes them twice as large, as on a picture half the size. " +
        'For large outputs, whose strokes are hair-thin otherwise. The price stays that of the output. Pictures: docs/stroke-scale.md in the repository.',
    },
    quality: { type: 'integer', minimum: 1, maximum: 100, default: 90, description: 'Of the JPG.' },
  },
};
