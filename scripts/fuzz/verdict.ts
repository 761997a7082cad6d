import {
  decoding,
  ImageRejected,
  type ImageLimits,
  inspectImage,
  openImage,
} from '@stylizer/common';
import sharp from 'sharp';

export interface Answer {
  status: number;
  type: string;
  body: Buffer;
  /** From the headers. */
  size: { width: number; height: number };
}

/** The outcome of a case, or what is wrong with it. */
export type Verdict = { outcome: string } | { finding: string };

/** The only codes with which an image may be refused. */
const REFUSALS: Record<string, number> = {
  IMAGE_TOO_LARGE: 413,
  UNSUPPORTED_IMAGE: 415,
  IMAGE_UNREADABLE: 422,
  IMAGE_TOO_SMALL: 422,
};

const CODE_LENGTH = 128;

export async function judge(answer: Answer, asked: 'jpeg' | 'code'): Promise<Verdict> {
  const { status, type, body } = answer;
  if (status === 200) return asked === 'jpeg' ? judgeJpeg(answer) : judgeCode(body);
  const problem: unknown = type.startsWith('application/problem+json') ? parse(body) : undefined;
  const code = (problem as { code?: unknown } | undefined)?.code;
  if (typeof code === 'string' && REFUSALS[code] === status) return { outcome: code };
  return { finding: `answer ${status}: ${body.toString().slice(0, 300)}` };
}

async function judgeJpeg({ type, body, size }: Answer): Promise<Verdict> {
  if (type !== 'image/jpeg') return { finding: `200 with ${type}` };
  try {
    const { info } = await sharp(body, { failOn: 'warning' })
      .raw()
      .toBuffer({ resolveWithObject: true });
    if (info.width === size.width && info.height === size.height) return { outcome: 'JPEG' };
    return { finding: `a JPEG of ${info.width} x ${info.height}, not ${JSON.stringify(size)}` };
  } catch (error) {
    return { finding: `a JPEG that cannot be decoded: ${String(error)}` };
  }
}

function judgeCode(body: Buffer): Verdict {
  const code = (parse(body) as { code?: unknown } | undefined)?.code;
  const fine =
    Array.isArray(code) && code.length === CODE_LENGTH && code.every((n) => Number.isFinite(n));
  return fine ? { outcome: 'style code' } : { finding: 'an invalid style code' };
}

/** The same image through the core service's intake: fully decoded and re-encoded. */
export async function judgeIntake(bytes: Buffer, limits: ImageLimits): Promise<Verdict> {
  try {
    await inspectImage(bytes, limits);
    await decoding(openImage(bytes, limits).jpeg({ optimiseCoding: false }).toBuffer());
    return { outcome: 'taken in' };
  } catch (error) {
    if (error instanceof ImageRejected) return { outcome: error.code };
    return { finding: `the intake throws ${String(error)}` };
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
