import { Global, Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { dataSourceOptions } from './data-source.js';
import { Notifications } from './notifications.js';
import { Transaction } from './transaction.js';

@Global()
@Module({
  imports: [
    TypeOrmModule.forRootAsync({
      inject: [CONFIG],
      useFactory: (config: Config) => ({
        ...dataSourceOptions(config),
        retryAttempts: 5,
        retryDelay: 1_000,
      }),
    }),
  ],
  providers: [Notifications, Transaction],
  exports: [Notifications, Transaction, TypeOrmModule],
})
export class DatabaseModule {}
