import { Inject, Injectable } from '@nestjs/common';
import { ObjectStorage, readAll } from '../storage/object-storage.js';
import { pictureKeyOf, previewKeyOf } from './custom-style.js';
import { CustomStylesRepository } from './custom-styles.repository.js';

/**
 * Stored files of a custom style: its preview (WebP), and the image it was made from, as the JPEG that
 * the encoder uses. That image is private: it is encoded again when the model changes.
 */
@Injectable()
export class StyleFiles {
  constructor(
    private readonly styles: CustomStylesRepository,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
  ) {}

  /** @throws DomainError STORAGE_FULL | STORAGE_UNAVAILABLE */
  putPicture(styleId: string, jpeg: Buffer): Promise<void> {
    return this.storage.put(pictureKeyOf(styleId), jpeg, 'image/jpeg');
  }

  /** @throws DomainError STORAGE_FULL | STORAGE_UNAVAILABLE */
  putPreview(styleId: string, webp: Buffer): Promise<void> {
    return this.storage.put(previewKeyOf(styleId), webp, 'image/webp');
  }

  picture(styleId: string): Promise<Buffer | undefined> {
    return this.read(pictureKeyOf(styleId));
  }

  preview(styleId: string): Promise<Buffer | undefined> {
    return this.read(previewKeyOf(styleId));
  }

  /** For a style that failed or was deleted. */
  async delete(styleId: string): Promise<void> {
    await this.storage.delete(pictureKeyOf(styleId));
    await this.storage.delete(previewKeyOf(styleId));
    await this.styles.markFilesDeleted(styleId);
  }

  private async read(key: string): Promise<Buffer | undefined> {
    const object = await this.storage.get(key);
    return object && readAll(object);
  }
}
