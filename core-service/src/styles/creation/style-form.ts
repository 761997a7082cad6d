import { z } from 'zod';
import { parse } from '../../common/validation.js';
import { IMAGE, IMAGE_URL, ONE_IMAGE, singleFields } from '../../uploads/form-fields.js';

const NAME = /^\P{Cc}{1,80}$/u;
/** The same before it is trimmed, for tools that know no Unicode categories: something in it is no space. */
const UNTRIMMED = String.raw`^[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f][^\x00-\x1f\x7f-\x9f]*$`;

const StyleForm = z.strictObject({
  name: z
    .string('is missing')
    .trim()
    .regex(NAME, 'must have 1 to 80 characters, none of them a control character')
    .meta({
      minLength: 1,
      maxLength: 80,
      pattern: UNTRIMMED,
      description: 'Need not be unique.',
      example: "My grandmother's quilt",
    }),
});

/** The multipart body of a new style, for the API document. */
export const NewStyleBody = StyleForm.extend({
  image: IMAGE.optional(),
  imageUrl: IMAGE_URL,
}).meta({ oneOf: ONE_IMAGE });

/**
 * The text parts of a new style: its `name`, which is trimmed.
 *
 * @throws DomainError VALIDATION_FAILED naming each bad part
 */
export function parseStyleForm(fields: Map<string, string[]>): { name: string } {
  return parse(StyleForm, singleFields(fields));
}
