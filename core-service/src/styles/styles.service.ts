import { Injectable, Logger } from '@nestjs/common';
import type { StylizeRequest } from '@stylizer/common';
import { validate as isUuid } from 'uuid';
import { DomainError } from '../common/domain-error.js';
import type { Principal } from '../common/principal.js';
import type { CallContext } from '../inference/inference.js';
import { Catalogue } from './catalogue.js';
import { CustomStylesRepository, type StoredCode } from './custom-styles.repository.js';
import { RenewStyle } from './encoding/renew-style.js';
import { StyleFiles } from './style-files.js';
import { type CustomStyle, styleOutdated } from './custom-style.js';

interface WeightedStyle {
  id: string;
  weight: number;
}

/**
 * Styles for the rest of the service. Ids of catalogue styles are words, ids of custom styles are UUIDs.
 * Another user's custom style does not exist.
 */
@Injectable()
export class StylesService {
  private readonly logger = new Logger(StylesService.name);

  constructor(
    private readonly catalogue: Catalogue,
    private readonly custom: CustomStylesRepository,
    private readonly files: StyleFiles,
    private readonly renewing: RenewStyle,
  ) {}

  /** @throws DomainError STYLE_NOT_FOUND | STYLE_OUTDATED | INFERENCE_UNAVAILABLE */
  async assertUsable({ userId }: Principal, ids: string[]): Promise<void> {
    const own = await this.custom.usable(userId, ids.filter(isUuid));
    for (const id of ids) {
      if (!(isUuid(id) ? own.has(id.toLowerCase()) : await this.catalogue.has(id)))
        throw new DomainError(
          'STYLE_NOT_FOUND',
          `There is no style "${id}". GET /v1/styles lists all styles.`,
        );
      if (own.get(id.toLowerCase()) === null) throw styleOutdated(id);
    }
  }

  /**
   * Styles of an accepted transformation in the form of the inference service: custom styles by code,
   * even if deleted since.
   *
   * @throws DomainError STYLE_OUTDATED
   */
  async forInference(userId: string, styles: WeightedStyle[]): Promise<StylizeRequest['styles']> {
    const codes = await this.codes(userId, styles);
    return styles.map(({ id, weight }) => {
      if (!isUuid(id)) return { id, weight };
      const stored = codes.get(id.toLowerCase());
      if (!stored) throw new Error(`style ${id} has no code`);
      const { code, model } = stored;
      if (model === null) throw styleOutdated(id);
      return { code, model, weight };
    });
  }

  /**
   * Encodes the custom styles among them again with the current model.
   *
   * @throws InferenceError `unavailable` | `mismatch` | `failed`
   * @throws DomainError STYLE_OUTDATED | STORAGE_FULL | STORAGE_UNAVAILABLE
   */
  async renew(userId: string, styles: WeightedStyle[], context: CallContext): Promise<void> {
    for (const id of (await this.codes(userId, styles)).keys())
      await this.renewing.renew(id, context);
  }

  /** Newest first. */
  listOwn({ userId }: Principal): Promise<CustomStyle[]> {
    return this.custom.list(userId);
  }

  /** @throws DomainError STYLE_NOT_FOUND */
  async getOwn({ userId }: Principal, id: string): Promise<CustomStyle> {
    const style = await this.custom.find(userId, id);
    if (!style) throw noSuchStyle();
    return style;
  }

  /** @throws DomainError STYLE_NOT_FOUND */
  async ownPreview(principal: Principal | undefined, id: string): Promise<Buffer> {
    const own = principal && (await this.custom.usable(principal.userId, [id])).size > 0;
    const preview = own ? await this.files.preview(id.toLowerCase()) : undefined;
    if (!preview) throw noSuchStyle();
    return preview;
  }

  /** @throws DomainError STYLE_NOT_FOUND */
  async cataloguePreview(id: string): Promise<Buffer> {
    const preview = await this.catalogue.preview(id);
    if (!preview) throw noSuchStyle();
    return preview;
  }

  /**
   * Transformations that were accepted with it are still processed.
   *
   * @throws DomainError STYLE_NOT_FOUND
   */
  async delete({ userId }: Principal, id: string): Promise<void> {
    if (!isUuid(id) || !(await this.custom.markDeleted(userId, id))) throw noSuchStyle();
    // The style is deleted; the housekeeping deletes files that remain.
    await this.files.delete(id.toLowerCase()).catch((error) => this.logger.error(error));
  }

  private codes(userId: string, styles: WeightedStyle[]): Promise<Map<string, StoredCode>> {
    const ids = styles.map(({ id }) => id).filter((id) => isUuid(id));
    return ids.length === 0 ? Promise.resolve(new Map()) : this.custom.codes(userId, ids);
  }
}

function noSuchStyle(): DomainError {
  return new DomainError('STYLE_NOT_FOUND', 'There is no such style.');
}
