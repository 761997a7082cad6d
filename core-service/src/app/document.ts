import type { INestApplication } from '@nestjs/common';
import {
  DocumentBuilder,
  type OpenAPIObject,
  type OperationObject,
  type RequestBodyObject,
  type ResponseObject,
  type SchemaObject,
  SwaggerModule,
} from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import { describeProblems, ProblemBody, problemExamples } from '../common/api-problem.js';
import { openApiOf, standardSchemaConverter } from '../common/api-schema.js';
import { titleOf } from '../common/problem.js';

const DESCRIPTION = `
A photograph goes in, a JPG in the chosen style comes out, and every image is paid for in tokens exactly once.

1. \`POST /v1/auth/register\` and copy the \`accessToken\` into **Authorize**.
2. Choose a style from \`GET /v1/styles\`, or make one of any picture with \`POST /v1/styles\`.
3. \`POST /v1/transformations\` with a picture and the style.

Errors are \`application/problem+json\` (RFC 9457); branch on their \`code\`. Every answer has an \`X-Request-Id\`.
Lists take \`limit\` and \`cursor\` and are newest first.
`;

/** The OpenAPI document of the public API. */
export function createDocument(app: INestApplication): OpenAPIObject {
  const info = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Stylizer')
    .setDescription(DESCRIPTION.trim())
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth()
    .addTag('Accounts')
    .addTag('API keys')
    .addTag('Tokens')
    .addTag('Styles')
    .addTag('Transformations')
    .addTag('Administration')
    .addTag('Webhooks')
    .addTag('Health')
    .build();
  return complete(SwaggerModule.createDocument(app, info, { standardSchemaConverter }));
}

/** What is the same for every operation. */
function complete(document: OpenAPIObject): OpenAPIObject {
  const responses: Record<string, ResponseObject> = {};
  for (const item of Object.values(document.paths))
    for (const [method, operation] of Object.entries(item) as [string, OperationObject][]) {
      describeProblems(method, operation, responses);
      for (const [status, response] of Object.entries(operation.responses))
        if (response && !('$ref' in response)) {
          response.description ||= titleOf(Number(status));
          identify(response);
        }
    }
  for (const response of Object.values(responses)) identify(response);
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...openApiOf(ProblemBody).components },
    responses,
    examples: problemExamples,
    headers: {
      'X-Request-Id': {
        description: 'Yours if you sent one, else a new one; it is in our logs.',
        required: true,
        schema: { type: 'string' },
      },
    },
  };
  return document;
}

function identify(response: ResponseObject): void {
  response.headers = {
    ...response.headers,
    'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
  };
}

/** Swagger UI at `/docs`, the document at `/docs/openapi.json`. */
export function serveDocument(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => createDocument(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    customSiteTitle: 'Stylizer API',
    patchDocumentOnRequest: (request, _response, document) =>
      (request as FastifyRequest).url.includes('swagger-ui-init') ? forPage(document) : document,
    swaggerOptions: {
      persistAuthorization: true,
      tryItOutEnabled: true,
      displayRequestDuration: true,
    },
  });
}

/**
 * Swagger UI sends a value for every field of a form. Empty ones count as absent, so that the
 * page's example works.
 */
function forPage(document: Readonly<OpenAPIObject>): OpenAPIObject {
  const page = structuredClone(document) as OpenAPIObject;
  for (const path of ['/v1/transformations', '/v1/styles']) {
    const body = page.paths[path]?.post?.requestBody as RequestBodyObject;
    const form = body.content['multipart/form-data']?.schema as SchemaObject;
    for (const name of ['styles', 'imageUrl', 'webhookUrl'])
      Object.assign(form.properties?.[name] ?? {}, { example: '' });
  }
  return page;
}
