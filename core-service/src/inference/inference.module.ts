import { Module } from '@nestjs/common';
import { StorageModule } from '../storage/storage.module.js';
import { HttpInference } from './http-inference.js';
import { HttpInferenceWorker } from './http-inference-worker.js';
import { Inference } from './inference.js';
import { InferenceWorker } from './inference-worker.js';

@Module({
  imports: [StorageModule],
  providers: [
    { provide: Inference, useClass: HttpInference },
    { provide: InferenceWorker, useClass: HttpInferenceWorker },
  ],
  exports: [Inference, InferenceWorker],
})
export class InferenceModule {}
