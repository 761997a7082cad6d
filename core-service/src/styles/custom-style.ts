import { DomainError } from '../common/domain-error.js';

/**
 * States: `pending -> ready | failed`. A ready style may be deleted; its code is kept for
 * transformations that were already accepted, its image is not.
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
  /** After this time its maker counts as dead. */
  pendingUntil: Date;
  /** The key that made it. */
  apiKeyId?: string;
}

export const pictureKeyOf = (styleId: string) => `style-pictures/${styleId}.jpg`;
export const previewKeyOf = (styleId: string) => `previews/${styleId}.webp`;

/** Its code belongs to an earlier model, and no image of it is stored to encode again. */
export function styleOutdated(id: string, cause?: unknown): DomainError {
  return new DomainError(
    'STYLE_OUTDATED',
    `The style "${id}" was made for an earlier model and can no longer be used. ` +
      'Create it again from its image (POST /v1/styles). Nothing was charged.',
    { cause },
  );
}
