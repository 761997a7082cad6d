import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { fingerprintOf, Idempotency, type StoredAnswer } from '../../idempotency/idempotency.js';
import { TokensService } from '../../tokens/tokens.service.js';
import { imageLimits } from '../../uploads/image-limits.js';
import { CreateStyle, type StyleRequest } from './create-style.js';
import type { CustomStyle } from '../custom-style.js';
import { normaliseStylePicture } from './normalise-style-picture.js';
import { customStyleBody } from '../styles.dto.js';
import { StylesService } from '../styles.service.js';

export interface StyleUpload extends Omit<StyleRequest, 'picture'> {
  /** As it was sent. */
  image: Buffer;
}

/** A new style from the read form to the answer, once per idempotency key. */
@Injectable()
export class AcceptStyle {
  constructor(
    private readonly creating: CreateStyle,
    private readonly idempotency: Idempotency,
    private readonly styles: StylesService,
    private readonly tokens: TokensService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** What it returns keeps nothing of the upload. */
  async accept(
    { image, ...request }: StyleUpload,
    key: string | undefined,
  ): Promise<() => Promise<StoredAnswer>> {
    const claim = key === undefined ? undefined : await this.begin(image, request, key);
    if (typeof claim === 'object') return () => Promise.resolve(claim);
    try {
      const picture = await normaliseStylePicture(image, imageLimits(this.config));
      return () => this.create({ ...request, picture }, claim);
    } catch (error) {
      if (claim) await this.idempotency.release(claim);
      throw error;
    }
  }

  /** @returns the claim of a key that is new, or the answer that was given to it before */
  private async begin(
    image: Buffer,
    { userId, name }: Omit<StyleRequest, 'picture'>,
    key: string,
  ): Promise<string | StoredAnswer> {
    // The kind of request is part of it: no key serves for a style and a transformation.
    const fingerprint = fingerprintOf(image, { style: { name } });
    const state = await this.idempotency.begin(userId, key, fingerprint);
    switch (state.kind) {
      case 'claimed':
        return state.claim;
      case 'answered':
        return replayed(state.answer);
      case 'accepted': {
        const style = await this.styles.getOwn(userId, state.boundTo);
        const { available } = await this.tokens.balance(userId);
        return replayed(answerOf(style, available));
      }
    }
  }

  private async create(request: StyleRequest, claim: string | undefined): Promise<StoredAnswer> {
    try {
      const { style, available } = await this.creating.create(request, async (manager, styleId) => {
        if (claim) await this.idempotency.bind(manager, claim, { styleId });
      });
      const answer = answerOf(style, available);
      if (claim) await this.idempotency.storeAnswer(claim, answer);
      return answer;
    } catch (error) {
      // Failed: the same key may try again. Or made: the same key finds the style.
      if (claim) await this.idempotency.release(claim);
      throw error;
    }
  }
}

function answerOf(style: CustomStyle, available: number): StoredAnswer {
  return {
    status: 201,
    headers: {
      'x-tokens-charged': String(style.price),
      'x-tokens-available': String(available),
    },
    body: customStyleBody(style),
  };
}

function replayed(answer: StoredAnswer): StoredAnswer {
  return { ...answer, headers: { ...answer.headers, 'idempotency-replayed': 'true' } };
}
