import { expect } from '@jest/globals';
import type { Response } from 'supertest';

/** Checks an error response against RFC 9457 and our own additional fields. */
export function expectProblem(response: Response, status: number, code: string): void {
  expect({ status: response.status, body: response.body }).toEqual({
    status,
    body: {
      type: `urn:stylizer:problem:${code.toLowerCase().replaceAll('_', '-')}`,
      title: expect.stringMatching(/^[A-Z][A-Za-z ]+$/),
      status,
      detail: expect.stringMatching(/\S/),
      instance: new URL(response.request.url).pathname,
      code,
      requestId: response.headers['x-request-id'],
      ...(response.body.errors && {
        errors: expect.arrayContaining([
          { path: expect.any(String), message: expect.stringMatching(/\S/) },
        ]),
      }),
    },
  });
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json\b/);
  expect(response.headers['x-request-id']).toMatch(/^[\w.:-]{1,128}$/);
}
