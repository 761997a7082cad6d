import { Module } from '@nestjs/common';
import { OutgoingModule } from '../outgoing/outgoing.module.js';
import { FetchImage } from './fetch-image.js';
import { UploadMemory } from './upload-memory.js';
import { Uploads } from './uploads.service.js';

@Module({
  imports: [OutgoingModule],
  providers: [FetchImage, UploadMemory, Uploads],
  exports: [Uploads],
})
export class UploadsModule {}
