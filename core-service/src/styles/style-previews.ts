import { Inject, Injectable } from '@nestjs/common';
import { ObjectStorage, readAll } from '../storage/object-storage.js';
import { previewKeyOf } from './custom-style.js';
import { CustomStylesRepository } from './custom-styles.repository.js';

/** The previews of custom styles, WebP. */
@Injectable()
export class StylePreviews {
  constructor(
    private readonly styles: CustomStylesRepository,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
  ) {}

  /** @throws DomainError STORAGE_FULL | STORAGE_UNAVAILABLE */
  put(styleId: string, webp: Buffer): Promise<void> {
    return this.storage.put(previewKeyOf(styleId), webp, 'image/webp');
  }

  async read(styleId: string): Promise<Buffer | undefined> {
    const object = await this.storage.get(previewKeyOf(styleId));
    return object && readAll(object);
  }

  /** Of a style that failed or was deleted. */
  async delete(styleId: string): Promise<void> {
    await this.storage.delete(previewKeyOf(styleId));
    await this.styles.markPreviewDeleted(styleId);
  }
}
