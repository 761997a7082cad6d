import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { withScratchFile } from '../storage/scratch-file.js';
import { receiveJpeg } from './inference-answer.js';

/** No JPEG but for what is looked at: its first and last bytes. */
const JPEG = Buffer.from([0xff, 0xd8, 1, 2, 3, 4, 0xff, 0xd9]);

const answerOf = (chunks: Iterable<Buffer>, headers: Record<string, string> = {}) =>
  Object.assign(Readable.from(chunks), {
    headers: { 'content-type': 'image/jpeg', ...headers },
  }) as Readable as IncomingMessage;

describe('receiving a JPG', () => {
  it('writes it down as it comes, with its length and digest', async () => {
    await withScratchFile(async (file) => {
      const answer = answerOf([JPEG.subarray(0, 1), JPEG.subarray(1, 7), JPEG.subarray(7)]);
      expect(await receiveJpeg(answer, file, JPEG.length)).toEqual({
        bytes: JPEG.length,
        digest: createHash('sha256').update(JPEG).digest('hex'),
      });
      const { buffer, bytesRead } = await file.read(Buffer.alloc(100), 0, 100, 0);
      expect(buffer.subarray(0, bytesRead)).toEqual(JPEG);
    });
  });

  it('stops at one that never ends, or that is said to be too long', async () => {
    function* endless() {
      for (;;) yield JPEG;
    }
    for (const answer of [answerOf(endless()), answerOf([JPEG], { 'content-length': '1001' })])
      await withScratchFile(async (file) => {
        await expect(receiveJpeg(answer, file, 1_000)).rejects.toMatchObject({
          kind: 'failed',
          message: 'the answer is too large',
        });
        expect((await file.stat()).size).toBeLessThanOrEqual(1_000);
      });
  });
});
