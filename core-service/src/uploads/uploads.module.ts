import { Module } from '@nestjs/common';
import { UploadMemory } from './upload-memory.js';
import { Uploads } from './uploads.service.js';

@Module({ providers: [UploadMemory, Uploads], exports: [Uploads] })
export class UploadsModule {}
