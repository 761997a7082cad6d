import { randomUUID } from 'node:crypto';
import { loadConfig } from '@stylizer/common';
import type { DataSource, EntityManager } from 'typeorm';
import { configSchema } from '../../src/config/config.js';
import { createDataSource } from '../../src/database/data-source.js';
import { Notifications } from '../../src/database/notifications.js';
import { Transaction } from '../../src/database/transaction.js';
import { Outbox } from '../../src/events/outbox.js';
import { LedgerRepository } from '../../src/tokens/ledger.repository.js';
import { TokensService } from '../../src/tokens/tokens.service.js';
import { TransformationsRepository } from '../../src/transformations/transformations.repository.js';
import { createTestDatabase } from './database.js';
import { TEST_SECRET } from './test-app.js';

/** The ledger and its related rows in a separate database, without an application. */
export interface LedgerFixture {
  dataSource: DataSource;
  transaction: Transaction;
  tokens: TokensService;
  transformations: TransformationsRepository;
  /** Creates a user with accounts and this many tokens; returns the user's id. */
  user(tokens?: number): Promise<string>;
  /** Creates row and hold like a submission; returns the transformation's id. */
  submit(manager: EntityManager, userId: string, price: number): Promise<string>;
  close(): Promise<void>;
}

export async function ledgerFixture(env: Record<string, string> = {}): Promise<LedgerFixture> {
  const database = await createTestDatabase('migrated');
  const config = loadConfig(configSchema, {
    DATABASE_URL: database.url,
    JWT_SECRET: TEST_SECRET,
    SIGN_UP_GRANT: '0',
    ...env,
  });
  const dataSource = await createDataSource(config).initialize();
  const transaction = new Transaction(dataSource);
  const outbox = new Outbox(dataSource, new Notifications(config));
  const tokens = new TokensService(new LedgerRepository(dataSource), transaction, outbox, config);
  const transformations = new TransformationsRepository(dataSource);

  return {
    dataSource,
    transaction,
    tokens,
    transformations,
    user: async (amount = 100) => {
      const id = randomUUID();
      await transaction.run(async (manager) => {
        await manager.query(`INSERT INTO users (id, email, password_hash) VALUES ($1, $2, 'x')`, [
          id,
          `${id}@example.com`,
        ]);
        await tokens.openAccounts(manager, id);
      });
      if (amount > 0) await tokens.grant(id, amount, 'for the test');
      return id;
    },
    submit: async (manager, userId, price) => {
      const id = randomUUID();
      await transformations.insert(manager, { ...transformationRow(id, userId), price });
      await tokens.hold(manager, { userId, amount: price, transformationId: id });
      return id;
    },
    close: async () => {
      await dataSource.destroy();
      await database.drop();
    },
  };
}

export function transformationRow(id: string, userId: string) {
  return {
    id,
    userId,
    styles: [{ id: 'starry-night', weight: 1 }],
    options: { strength: 1, preserveColors: false, strokeScale: 1, quality: 90 },
    price: 10,
    width: 96,
    height: 64,
    originalKey: `originals/${id}.jpg`,
    imagesExpireAt: new Date(Date.now() + 86_400_000),
  };
}

export const aCompletion = {
  resultKey: 'transformations/x/result.jpg',
  bytes: 1,
  digest: 'd'.repeat(64),
  inferenceMs: 1,
};
