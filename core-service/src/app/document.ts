import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { ProblemBody } from '../common/api-problem.js';

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
    .setTitle('Stylizer')
    .setDescription(DESCRIPTION.trim())
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addBearerAuth()
    .addGlobalResponse({
      status: 'default',
      description: 'Any other refusal, of the same form.',
      content: {
        'application/problem+json': { schema: { $ref: '#/components/schemas/ProblemBody' } },
      },
    })
    .addTag('Accounts')
    .addTag('Tokens')
    .addTag('Styles')
    .addTag('Transformations')
    .addTag('Health')
    .build();
  return SwaggerModule.createDocument(app, info, {
    extraModels: [ProblemBody],
    operationIdFactory: (_controller, method) => method,
  });
}

/** Swagger UI at `/docs`, the document at `/docs/openapi.json`. */
export function serveDocument(app: INestApplication): void {
  SwaggerModule.setup('docs', app, () => createDocument(app), {
    jsonDocumentUrl: 'docs/openapi.json',
    yamlDocumentUrl: 'docs/openapi.yaml',
    customSiteTitle: 'Stylizer API',
    swaggerOptions: {
      persistAuthorization: true,
      tryItOutEnabled: true,
      displayRequestDuration: true,
    },
  });
}
