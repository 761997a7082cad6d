import { Module } from '@nestjs/common';
import { EventsModule } from '../events/events.module.js';
import { LedgerRepository } from './ledger.repository.js';
import { TokensController } from './tokens.controller.js';
import { TokensService } from './tokens.service.js';

@Module({
  imports: [EventsModule],
  controllers: [TokensController],
  providers: [LedgerRepository, TokensService],
  exports: [TokensService],
})
export class TokensModule {}
