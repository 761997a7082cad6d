import { Inject, Injectable } from '@nestjs/common';
import { outputSize, type Size, strokeSize } from '@stylizer/common';
import { v7 as uuid } from 'uuid';
import { DomainError, invalid } from '../../common/domain-error.js';
import type { Principal } from '../../common/principal.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Pricing } from '../../pricing/pricing.service.js';
import { StylesService } from '../../styles/styles.service.js';
import type { TransformationOptions, WeightedStyle } from '../transformation.js';
import { type Quote, QuotesRepository } from './quotes.repository.js';

const VALID_MS = 15 * 60_000;

/** What a transformation will cost, before and when it is submitted. */
@Injectable()
export class Quotes {
  constructor(
    private readonly quotes: QuotesRepository,
    private readonly pricing: Pricing,
    private readonly styles: StylesService,
    @Inject(CONFIG) private readonly config: Pick<Config, 'MAX_IMAGE_PIXELS'>,
  ) {}

  /**
   * A price that holds for 15 minutes, whatever happens to the prices.
   *
   * @param input size of the image in pixels
   * @returns with the size of the output
   * @throws DomainError STYLE_NOT_FOUND | STYLE_OUTDATED | VALIDATION_FAILED
   */
  async quote(
    principal: Principal,
    input: Size,
    styles: WeightedStyle[],
    options: TransformationOptions,
  ): Promise<Quote> {
    await this.styles.assertUsable(
      principal,
      styles.map(({ id }) => id),
    );
    const { MAX_IMAGE_PIXELS: most } = this.config;
    if (pixelsOf(input) > most)
      throw invalid(
        'width',
        `and height give more than ${most / 1e6} megapixels, the limit for an image`,
      );
    const size = this.outputOf(input, options);
    const quote = {
      id: uuid(),
      userId: principal.userId,
      price: this.pricing.ofTransformation(size),
      ...size,
      expiresAt: new Date(Date.now() + VALID_MS),
    };
    await this.quotes.insert(quote);
    return quote;
  }

  /**
   * The price of an output in tokens: by its quote if there is one.
   *
   * @throws DomainError QUOTE_NOT_FOUND | QUOTE_MISMATCH
   */
  async priceOf(userId: string, size: Size, quoteId: string | undefined): Promise<number> {
    if (quoteId === undefined) return this.pricing.ofTransformation(size);
    const quote = await this.quotes.find(userId, quoteId);
    if (!quote)
      throw new DomainError(
        'QUOTE_NOT_FOUND',
        'There is no such quote, or it has expired. A quote is good for 15 minutes: ask for a new one.',
      );
    if (pixelsOf(size) > pixelsOf(quote))
      throw new DomainError(
        'QUOTE_MISMATCH',
        `The quote is for an output of ${quote.width} x ${quote.height} pixels, and this one has ` +
          `${size.width} x ${size.height}. Ask for a quote with the size of this image.`,
      );
    return quote.price;
  }

  /** @throws DomainError VALIDATION_FAILED */
  outputOf(input: Size, { maxSize, strokeScale }: TransformationOptions): Size {
    const size = outputSize(input, maxSize);
    const { MAX_IMAGE_PIXELS: most } = this.config;
    if (pixelsOf(size) > most)
      throw invalid('maxSize', `gives more than ${most / 1e6} megapixels with this image`);
    if (pixelsOf(strokeSize(size, strokeScale)) > most)
      throw invalid(
        'strokeScale',
        `makes the network work at more than ${most / 1e6} megapixels with this output; take a larger strokeScale or a smaller maxSize`,
      );
    return size;
  }

  deleteExpired(limit: number): Promise<number> {
    return this.quotes.deleteExpired(limit);
  }
}

export function pixelsOf({ width, height }: Size): number {
  return width * height;
}
