import { z } from 'zod';

/** Something in it is no space, nothing a control character. */
const LINE = new RegExp(
  String.raw`^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$`,
);

/** @param most characters, however many UTF-16 units each takes */
export const lineOfText = (most: number) =>
  z
    .string()
    .regex(LINE, 'must hold more than spaces, and no control character')
    .refine((text) => [...text].length <= most, `must have at most ${most} characters`)
    .meta({ minLength: 1, maxLength: most });
