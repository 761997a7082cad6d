import { Module } from '@nestjs/common';
import { DailyAudit } from './daily-audit.js';
import { LedgerAudit } from './ledger-audit.js';

@Module({ providers: [DailyAudit, LedgerAudit] })
export class LedgerAuditModule {}
