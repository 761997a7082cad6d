import { Global, Module } from '@nestjs/common';
import { SecretBox } from './secret-box.js';
import { Shutdown } from './shutdown.js';

@Global()
@Module({ providers: [SecretBox, Shutdown], exports: [SecretBox, Shutdown] })
export class CommonModule {}
