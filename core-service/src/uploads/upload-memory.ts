import { Inject, Injectable } from '@nestjs/common';
import { DomainError } from '../common/domain-error.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';

/** Limits the bytes of all uploads in memory at once, however many clients upload however slowly. */
@Injectable()
export class UploadMemory {
  private taken = 0;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'UPLOAD_MEMORY_BYTES'>) {}

  /** The share of one request; free it with {@link UploadShare.release}. */
  share(): UploadShare {
    let used = 0;
    return {
      take: (bytes) => {
        if (this.taken + bytes > this.config.UPLOAD_MEMORY_BYTES)
          throw new DomainError(
            'OVERLOADED',
            'Too many uploads at the moment. Try again shortly.',
            {
              retryAfterSeconds: 2,
            },
          );
        this.taken += bytes;
        used += bytes;
      },
      release: () => {
        this.taken -= used;
        used = 0;
      },
    };
  }
}

export interface UploadShare {
  /** @throws DomainError OVERLOADED */
  take(bytes: number): void;
  release(): void;
}
