import { DomainError } from '../common/domain-error.js';

/**
 * The way of a style: `pending -> ready | failed`. A ready one may be deleted; its code is kept
 * for the transformations that were accepted before, its picture is not.
 */
export interface CustomStyle {
  id: string;
  userId: string;
  name: string;
  /** Tokens. */
  price: number;
  createdAt: Date;
}

export interface NewStyle extends Omit<CustomStyle, 'createdAt'> {
  /** Whoever makes it is believed dead after that. */
  pendingUntil: Date;
}

export const pictureKeyOf = (styleId: string) => `style-pictures/${styleId}.jpg`;
export const previewKeyOf = (styleId: string) => `previews/${styleId}.webp`;

/** Its code belongs to a model that is gone, and there is no picture to encode again. */
export function styleOutdated(id: string, cause?: unknown): DomainError {
  return new DomainError(
    'STYLE_OUTDATED',
    `The style "${id}" was made for an earlier model and cannot be used any more. ` +
      'Make it again from its picture (POST /v1/styles). Nothing was charged.',
    { cause },
  );
}
