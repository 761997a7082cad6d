import { Module } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { DiskStorage } from './disk-storage.js';
import { ObjectStorage } from './object-storage.js';
import { S3Storage } from './s3-storage.js';

@Module({
  providers: [
    {
      provide: ObjectStorage,
      inject: [CONFIG],
      useFactory: (config: Config) =>
        config.STORAGE_DRIVER === 's3'
          ? new S3Storage(config.STORAGE_S3_BUCKET ?? '', config)
          : new DiskStorage(config.STORAGE_DIR),
    },
  ],
  exports: [ObjectStorage],
})
export class StorageModule {}
