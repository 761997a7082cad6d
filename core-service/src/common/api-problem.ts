import {
  ApiExtension,
  type HeaderObject,
  type MediaTypeObject,
  type OperationObject,
  type ReferenceObject,
  type ResponseObject,
} from '@nestjs/swagger';
import { z } from 'zod';
import { SECOND_FACTORS } from './domain-error.js';
import { type ProblemCode, STATUS_OF, titleOf, typeOf } from './problem.js';
import { Id } from './uuid-param.js';

/** The body of every error response (RFC 9457). */
export const ProblemBody = z
  .object({
    type: z.string().meta({ example: 'urn:stylizer:problem:not-found' }),
    title: z.string().meta({ example: 'Not Found' }),
    status: z.int().min(400).max(599).meta({ example: 404 }),
    detail: z.string().meta({ example: 'There is no such route.' }),
    instance: z
      .string()
      .meta({ example: '/v1/transformations/019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f' }),
    code: z
      .enum(Object.keys(STATUS_OF) as ProblemCode[])
      .meta({ description: 'Stable; branch on this.', example: 'NOT_FOUND' }),
    requestId: z.string().meta({ example: Id.meta()?.example }),
    errors: z
      .array(
        z.object({
          path: z.string().meta({ example: 'email' }),
          message: z.string().meta({ example: 'must be an e-mail address' }),
        }),
      )
      .optional()
      .meta({ description: 'The bad fields, parts, parameters or headers.' }),
    challenge: z.string().optional().meta({
      description: 'With `SECOND_FACTOR_REQUIRED`: for `POST /v1/auth/second-factor`.',
      example: 'Wc1Zc0nWJ5yO3mXv8sT2uLbHdEfGakR7wq1Zc0nWJ5y',
    }),
    methods: z
      .array(z.enum(SECOND_FACTORS))
      .optional()
      .meta({ description: 'With `SECOND_FACTOR_REQUIRED`: what the account can answer with.' }),
  })
  .meta({ id: 'Problem' });

/** How a guard refuses a caller. */
const SECURED = [
  'UNAUTHENTICATED',
  'INSUFFICIENT_SCOPE',
  'ADDRESS_NOT_ALLOWED',
  'ACCOUNT_SUSPENDED',
  'RATE_LIMITED',
] as const;
const EXTENSION = 'x-problems';
const RETRY_AFTER = { schema: { type: 'integer', minimum: 1 }, description: 'Seconds.' } as const;
const HEADERS: Record<number, Record<string, HeaderObject>> = {
  401: { 'WWW-Authenticate': { required: true, schema: { type: 'string', example: 'Bearer' } } },
  429: {
    'Retry-After': { ...RETRY_AFTER, required: true },
    'RateLimit-Policy': { schema: { type: 'string', example: '"requests";q=3000;w=60' } },
    RateLimit: { schema: { type: 'string', example: '"requests";r=0;t=42' } },
  },
  503: { 'Retry-After': RETRY_AFTER },
};

/** How a route refuses, besides the ways that {@link describeProblems} adds. */
export const ApiProblem = (...codes: ProblemCode[]) => ApiExtension(EXTENSION, codes);

/**
 * Completes an operation of the API document with every way in which it can refuse.
 *
 * @param shared gets the responses that it refers to
 */
export function describeProblems(
  method: string,
  operation: OperationObject,
  shared: Record<string, ResponseObject>,
): void {
  const { parameters = [], security, responses } = operation;
  const { [EXTENSION]: own = [] } = operation as { [EXTENSION]?: ProblemCode[] };
  Reflect.deleteProperty(operation, EXTENSION);
  const hasPath = parameters.some((parameter) => 'in' in parameter && parameter.in === 'path');
  const codes: ProblemCode[] = [
    ...own,
    ...(parameters.length > 0 || method !== 'get' ? (['VALIDATION_FAILED'] as const) : []),
    ...(security ? SECURED : []),
    ...(hasPath ? (['BAD_REQUEST'] as const) : []),
    ...(method === 'get' ? [] : (['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const)),
    ...(['INTERNAL', 'UNAVAILABLE'] as const),
  ];
  for (const [status, ofStatus] of Map.groupBy(new Set(codes), (code) => STATUS_OF[code])) {
    const known = responses[status] as ResponseObject | undefined;
    const name = ofStatus.join('.');
    shared[name] = {
      description: ofStatus.map((code) => `\`${code}\``).join(' or '),
      headers: { ...HEADERS[status] },
      content: { 'application/problem+json': contentOf(status, ofStatus) },
    };
    responses[status] = known
      ? { ...known, content: { ...known.content, ...shared[name].content } }
      : { $ref: `#/components/responses/${name}` };
  }
}

function contentOf(status: number, codes: ProblemCode[]): MediaTypeObject {
  return {
    // The siblings of a reference count since OpenAPI 3.1; Nest's SchemaObject does not know it.
    schema: {
      $ref: '#/components/schemas/Problem',
      properties: { status: { const: status }, code: { enum: codes } },
    } as ReferenceObject,
    examples: Object.fromEntries(
      codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]),
    ),
  };
}

/** One for each code, by code. */
export const problemExamples = Object.fromEntries(
  Object.entries(STATUS_OF).map(([code, status]) => [
    code,
    {
      value: {
        type: typeOf(code),
        title: titleOf(status),
        status,
        detail: 'What is wrong and what to do.',
        instance: '/v1/…',
        code,
        requestId: Id.meta()?.example,
      },
    },
  ]),
);
