import { describe, expect, it } from '@jest/globals';
import { ForbiddenException, HttpException, NotFoundException } from '@nestjs/common';
import { ImageRejected } from '@stylizer/common';
import { DomainError, type ErrorCode, invalid } from './domain-error.js';
import { problemOf, STATUS_OF, titleOf } from './problem.js';

describe('problemOf', () => {
  it.each(Object.entries(STATUS_OF))('answers %s with %i and says why', (code, status) => {
    expect(problemOf(new DomainError(code as ErrorCode, 'why'))).toMatchObject({
      code,
      status,
      detail: 'why',
    });
    expect(titleOf(status)).toMatch(/^[A-Z][A-Za-z ]+$/);
    expect(titleOf(status)).not.toBe('Error');
  });

  it('names the fields of a refused form', () => {
    expect(problemOf(invalid('quality', 'must be a number')).errors).toEqual([
      { path: 'quality', message: 'must be a number' },
    ]);
  });

  it.each([
    [0.2, '1'],
    [1.2, '2'],
    [60, '60'],
  ])('sends %d seconds as Retry-After: %s', (retryAfterSeconds, header) => {
    const error = new DomainError('RATE_LIMITED', '', { retryAfterSeconds });
    expect(problemOf(error).headers).toEqual({ 'retry-after': header });
  });

  it('challenges with every 401', () => {
    expect(problemOf(new DomainError('UNAUTHENTICATED', '')).headers).toEqual({
      'www-authenticate': 'Bearer',
    });
    expect(problemOf(new HttpException('no', 401)).headers).toEqual({
      'www-authenticate': 'Bearer',
    });
  });

  it('says of a refused picture what is wrong with it', () => {
    expect(problemOf(new ImageRejected('IMAGE_TOO_LARGE', 'Too many pixels.'))).toMatchObject({
      status: 413,
      code: 'IMAGE_TOO_LARGE',
      detail: 'Too many pixels.',
    });
  });

  it('gives the framework’s refusals codes of ours', () => {
    const fastify = (statusCode: number) =>
      Object.assign(new Error('said Fastify'), { statusCode });
    expect(problemOf(new NotFoundException('Cannot GET /x'))).toMatchObject({
      status: 404,
      code: 'NOT_FOUND',
      detail: 'There is no such route.',
    });
    expect(problemOf(new ForbiddenException())).toMatchObject({ status: 403, code: 'BAD_REQUEST' });
    expect(problemOf(fastify(400))).toMatchObject({ status: 400, code: 'VALIDATION_FAILED' });
    expect(problemOf(fastify(413))).toMatchObject({ status: 413, code: 'PAYLOAD_TOO_LARGE' });
    expect(problemOf(fastify(415))).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
    expect(problemOf(fastify(406))).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
  });

  it.each([
    ['an unknown error', new Error('password of db.internal is hunter2')],
    ['a database error with a status', Object.assign(new Error('hunter2'), { statusCode: 503 })],
    ['a framework error of 500', new HttpException('hunter2', 500)],
    ['something that is no error', 'hunter2'],
    ['nothing', undefined],
  ])('tells nothing of %s', (_what, error) => {
    const problem = problemOf(error);
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL', headers: {} });
    expect(JSON.stringify(problem)).not.toContain('hunter2');
  });
});
