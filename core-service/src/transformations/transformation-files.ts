import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import { ObjectStorage, type StoredObject } from '../storage/object-storage.js';
import type { Transformation } from './transformation.js';
import { TransformationsRepository } from './transformations.repository.js';

/** The stored images of a transformation: reads and deletes them. */
@Injectable()
export class TransformationFiles {
  constructor(
    private readonly transformations: TransformationsRepository,
    @Inject(ObjectStorage) private readonly storage: ObjectStorage,
  ) {}

  /** @throws DomainError NOT_READY | RESULT_EXPIRED */
  async result(transformation: Transformation): Promise<StoredObject & { digest: string }> {
    const { result, status } = transformation;
    if (!result)
      throw new DomainError(
        'NOT_READY',
        status === 'failed' || status === 'cancelled'
          ? `There is no result: the transformation ${status === 'failed' ? 'failed' : 'was cancelled'}.`
          : 'The result is not ready yet. Follow /events, or try again later.',
      );
    return { ...(await this.open(transformation, result.key)), digest: result.digest };
  }

  /** @throws DomainError RESULT_EXPIRED */
  original(transformation: Transformation): Promise<StoredObject> {
    return this.open(transformation, transformation.originalKey);
  }

  /** Deletes the JPG of an attempt that finished too late, unless it is the result that was paid for. */
  async discardResult(id: string, key: string): Promise<void> {
    const ended = await this.transformations.find(id);
    if (ended?.result?.key !== key) await this.storage.delete(key);
  }

  async delete(transformation: Transformation): Promise<void> {
    await this.storage.delete(transformation.originalKey);
    if (transformation.result) await this.storage.delete(transformation.result.key);
    await this.transformations.markImagesDeleted(transformation.id);
  }

  private async open(transformation: Transformation, key: string): Promise<StoredObject> {
    const object = transformation.imagesDeletedAt ? undefined : await this.storage.get(key);
    if (!object)
      throw new DomainError('RESULT_EXPIRED', 'The images of this transformation were deleted.');
    return object;
  }
}
