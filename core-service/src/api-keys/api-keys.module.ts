import { Module } from '@nestjs/common';
import { TokensModule } from '../tokens/tokens.module.js';
import { ApiKeyStrategy } from './api-key.strategy.js';
import { ApiKeysController } from './api-keys.controller.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import { ApiKeysService } from './api-keys.service.js';
import { LiveKeys } from './live-keys.js';

@Module({
  imports: [TokensModule],
  controllers: [ApiKeysController],
  providers: [ApiKeyStrategy, ApiKeysRepository, ApiKeysService, LiveKeys],
  exports: [LiveKeys],
})
export class ApiKeysModule {}
