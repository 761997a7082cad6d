import { Module } from '@nestjs/common';
import { LedgerRepository } from './ledger.repository.js';
import { TokensController } from './tokens.controller.js';
import { TokensService } from './tokens.service.js';

@Module({
  controllers: [TokensController],
  providers: [LedgerRepository, TokensService],
  exports: [TokensService],
})
export class TokensModule {}
