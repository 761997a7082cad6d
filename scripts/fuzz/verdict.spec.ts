import { describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { type Answer, judge } from './verdict.js';

const canvas = sharp({ create: { width: 64, height: 48, channels: 3, background: '#369' } });
const jpeg = await canvas.jpeg().toBuffer();

const picture: Answer = {
  status: 200,
  type: 'image/jpeg',
  body: jpeg,
  size: { width: 64, height: 48 },
};

const problem = (status: number, code: string): Answer => ({
  ...picture,
  status,
  type: 'application/problem+json; charset=utf-8',
  body: Buffer.from(JSON.stringify({ status, code })),
});

const code = (numbers: unknown[]): Answer => ({
  ...picture,
  type: 'application/json',
  body: Buffer.from(JSON.stringify({ code: numbers })),
});

describe('an answer', () => {
  it.each<[string, 'jpeg' | 'code', Answer]>([
    ['JPEG', 'jpeg', picture],
    ['IMAGE_UNREADABLE', 'jpeg', problem(422, 'IMAGE_UNREADABLE')],
    ['UNSUPPORTED_IMAGE', 'code', problem(415, 'UNSUPPORTED_IMAGE')],
    ['style code', 'code', code(new Array(128).fill(0.5))],
  ])('is accepted if documented: %s', async (outcome, asked, answer) => {
    expect(await judge(answer, asked)).toEqual({ outcome });
  });

  it.each<[string, 'jpeg' | 'code', Answer]>([
    ['half a JPEG', 'jpeg', { ...picture, body: jpeg.subarray(0, jpeg.length / 2) }],
    ['a JPEG of another size', 'jpeg', { ...picture, size: { width: 64, height: 64 } }],
    ['a JPEG with another content type', 'jpeg', { ...picture, type: 'text/html' }],
    ['a code for a JPEG', 'jpeg', code(new Array(128).fill(0.5))],
    ['an internal error', 'jpeg', problem(500, 'INTERNAL')],
    ['a thread that died', 'jpeg', problem(500, 'INTERRUPTED')],
    ['no room', 'jpeg', problem(429, 'BUSY')],
    ['a form refused', 'jpeg', problem(400, 'VALIDATION_FAILED')],
    ['a known code with another status', 'jpeg', problem(400, 'IMAGE_UNREADABLE')],
    ['no problem details', 'jpeg', { ...problem(422, 'IMAGE_UNREADABLE'), type: 'text/plain' }],
    ['a short code', 'code', code([1, 2])],
    ['a code of nulls', 'code', code(new Array(128).fill(null))],
  ])('is a finding: %s', async (_what, asked, answer) => {
    expect(await judge(answer, asked)).toMatchObject({ finding: expect.any(String) });
  });
});
