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
