import { Module } from '@nestjs/common';
import { HttpInference } from './http-inference.js';
import { Inference } from './inference.js';

@Module({
  providers: [{ provide: Inference, useClass: HttpInference }],
  exports: [Inference],
})
export class InferenceModule {}
