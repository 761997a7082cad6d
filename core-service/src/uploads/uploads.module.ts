import { Module } from '@nestjs/common';
import { UploadMemory } from './upload-memory.js';

@Module({ providers: [UploadMemory], exports: [UploadMemory] })
export class UploadsModule {}
