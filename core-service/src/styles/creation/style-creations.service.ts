import { Injectable } from '@nestjs/common';
import {
  type Answering,
  type Bind,
  fingerprintOf,
  Idempotency,
  type StoredAnswer,
} from '../../idempotency/idempotency.js';
import { TokensService } from '../../tokens/tokens.service.js';
import type { UploadedImage } from '../../uploads/uploaded-image.js';
import { Uploads } from '../../uploads/uploads.service.js';
import { customStyleBody } from '../styles.dto.js';
import { StylesService } from '../styles.service.js';
import type { BegunStyle } from '../style-lifecycle.js';
import { CreateStyle, type StyleRequest } from './create-style.js';
import { normaliseStylePicture } from './normalise-style-picture.js';

export interface StyleUpload extends Omit<StyleRequest, 'picture'> {
  image: UploadedImage;
}

/** A new style from the form to the answer, once per idempotency key. */
@Injectable()
export class StyleCreationsService {
  constructor(
    private readonly creating: CreateStyle,
    private readonly idempotency: Idempotency,
    private readonly styles: StylesService,
    private readonly tokens: TokensService,
    private readonly uploads: Uploads,
  ) {}

  /** What it returns keeps nothing of the upload. */
  accept({ image, ...style }: StyleUpload, key: string | undefined): Promise<Answering> {
    const { principal, name } = style;
    return this.idempotency.once({
      userId: principal.userId,
      key,
      // The kind of request is part of it: no key serves for a style and a transformation.
      fingerprint: () => fingerprintOf(image.identity, { style: { name } }),
      first: async (bind) => {
        const picture = await normaliseStylePicture(await image.bytes(), this.uploads.limits);
        return this.createLater({ ...style, picture }, bind);
      },
      again: async (id) => {
        const made = await this.styles.getOwn(principal, id);
        const { available } = await this.tokens.balance(principal.userId);
        return () => Promise.resolve(answerOf({ style: made, available }));
      },
    });
  }

  /** Apart from `accept`, whose scope holds the upload. */
  private createLater(request: StyleRequest, bind: Bind): Answering {
    return async () => answerOf(await this.creating.create(request, bind));
  }
}

function answerOf({ style, available }: BegunStyle): StoredAnswer {
  return {
    status: 201,
    headers: {
      'x-tokens-charged': String(style.price),
      'x-tokens-available': String(available),
    },
    body: customStyleBody(style),
  };
}
