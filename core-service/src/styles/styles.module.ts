import { Module } from '@nestjs/common';
import { InferenceModule } from '../inference/inference.module.js';
import { Catalogue } from './catalogue.js';
import { StylesController } from './styles.controller.js';

@Module({
  imports: [InferenceModule],
  controllers: [StylesController],
  providers: [Catalogue],
  exports: [Catalogue],
})
export class StylesModule {}
