import { applyDecorators } from '@nestjs/common';
import { ApiProperty, ApiPropertyOptional, ApiResponse } from '@nestjs/swagger';
import type { ErrorCode } from './domain-error.js';
import { STATUS_OF, titleOf } from './problem.js';

export class FieldErrorBody {
  @ApiProperty({ example: 'email' })
  path!: string;

  @ApiProperty({ example: 'email must be an email' })
  message!: string;
}

/** The body of every error answer, `application/problem+json` (RFC 9457). */
export class ProblemBody {
  @ApiProperty({ example: 'urn:stylizer:problem:not-found' })
  type!: string;

  @ApiProperty({ example: 'Not Found' })
  title!: string;

  @ApiProperty({ example: 404 })
  status!: number;

  @ApiProperty({ example: 'There is no such route.' })
  detail!: string;

  @ApiProperty({ example: '/v1/transformations/019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f' })
  instance!: string;

  @ApiProperty({ example: 'NOT_FOUND', description: 'Stable; branch on this.' })
  code!: string;

  @ApiProperty({ example: '019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f' })
  requestId!: string;

  @ApiPropertyOptional({ type: [FieldErrorBody] })
  errors?: FieldErrorBody[];
}

/** Lists in the API document the ways in which a route refuses. */
export function ApiProblem(...codes: ErrorCode[]) {
  const byStatus = Map.groupBy(codes, (code) => STATUS_OF[code]);
  return applyDecorators(
    ...[...byStatus].map(([status, ofStatus]) =>
      ApiResponse({
        status,
        description: ofStatus.map((code) => `\`${code}\``).join(' or '),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/ProblemBody' },
            examples: Object.fromEntries(
              ofStatus.map((code) => [
                code,
                {
                  value: {
                    type: `urn:stylizer:problem:${code.toLowerCase().replaceAll('_', '-')}`,
                    title: titleOf(status),
                    status,
                    detail: 'What is wrong and what to do.',
                    instance: '/v1/…',
                    code,
                    requestId: '019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f',
                  },
                },
              ]),
            ),
          },
        },
      }),
    ),
  );
}
