import { Module } from '@nestjs/common';
import { Idempotency } from './idempotency.js';
import { IdempotencyKeysRepository } from './idempotency-keys.repository.js';

@Module({ providers: [Idempotency, IdempotencyKeysRepository], exports: [Idempotency] })
export class IdempotencyModule {}
