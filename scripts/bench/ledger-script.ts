import type { EntityManager } from 'typeorm';
import { Transaction } from '../../core-service/src/database/transaction.js';
import { Outbox } from '../../core-service/src/events/outbox.js';
import { LedgerRepository } from '../../core-service/src/tokens/ledger.repository.js';
import { TransformationsRepository } from '../../core-service/src/transformations/transformations.repository.js';
import { idSql } from '../../core-service/test/scale/fill.js';

const PRICE = 10;
/** Placeholders for values that pgbench fills in; everything else becomes a literal. */
const USER = '{user}';
const ID = '{id}';
const LATER = new Date(0);

/** The filled database numbers its users from 1, too. */
const EXPRESSIONS = new Map<unknown, string>([
  [USER, idSql('user', ':u::int')],
  [ID, ':id::uuid'],
  [LATER, `now() + interval '1 day'`],
]);

/**
 * A submission and a completion as a script for pgbench: the statements that the repositories send, in
 * the order of the service, in two transactions, without the queue's.
 */
export async function ledgerScript(): Promise<string> {
  const ledger = new LedgerRepository(undefined as never);
  const transformations = new TransformationsRepository(undefined as never);
  const outbox = new Outbox(undefined as never, { send: () => undefined } as never);
  const purpose = { transformationId: ID };
  const submission = await statementsOf(async (manager) => {
    await transformations.insert(manager, {
      id: ID,
      userId: USER,
      styles: [{ id: 'starry-night', weight: 1 }],
      options: { strength: 1, preserveColors: false, strokeScale: 1, quality: 90 },
      price: PRICE,
      width: 512,
      height: 512,
      originalKey: 'originals/bench.jpg',
      imagesExpireAt: LATER,
    });
    await ledger.hold(manager, {
      ...{ userId: USER, amount: PRICE, purpose, expiresAt: LATER },
      description: 'Held for a transformation',
    });
  });
  const completion = await statementsOf(async (manager) => {
    await transformations.complete(manager, ID, {
      ...{ resultKey: 'results/bench.jpg', bytes: 1, digest: 'd'.repeat(64), inferenceMs: 1 },
    });
    const event = { type: 'transformation.completed', userId: USER, subjectId: ID } as const;
    await outbox.record(manager, event);
    await ledger.endHold(manager, purpose, 'settle', 'Paid for a transformation');
  });
  // Claiming moves no tokens and is left out.
  const [complete = '', record = '', ...settle] = completion;
  const completed = complete.replace("'{processing}'", "'{pending,processing}'");
  // The first statement creates the id, and pgbench stores the returned value.
  const [insert = '', ...rest] = submission;
  return [
    String.raw`\set u random(1, :users)`,
    'BEGIN;',
    String.raw`${insert.replace(':id::uuid', 'uuidv7()')} \gset`,
    ...rest.map((statement) => `${statement};`),
    'COMMIT;',
    'BEGIN;',
    ...[completed, withNewId(record), ...settle].map((statement) => `${statement};`),
    'COMMIT;',
    '',
  ].join('\n');
}

const withNewId = (insert: string) => insert.replace(/VALUES \('[^']+'/, 'VALUES (uuidv7()');

async function statementsOf(work: (manager: EntityManager) => Promise<void>): Promise<string[]> {
  const statements: string[] = [];
  const query = (sql: string, values: unknown[]) => {
    statements.push(
      sql
        .replace(/\$(\d+)/g, (_, index) => expressionOf(values[Number(index) - 1]))
        .replace(/\s+/g, ' ')
        .trim(),
    );
    // The columns that the callers read.
    const row = { options: {}, progress: {}, result: {}, error: {}, available: '0' };
    return Promise.resolve(sql.startsWith('UPDATE') ? [[], 0] : [row]);
  };
  const transaction = (inside: typeof work) => inside({ query } as unknown as EntityManager);
  await new Transaction({ transaction } as never).run(work);
  return statements;
}

function expressionOf(value: unknown): string {
  const expression = EXPRESSIONS.get(value);
  if (expression) return expression;
  if (value === null) return 'NULL';
  if (typeof value === 'number') return String(value);
  const text = Array.isArray(value) ? `{${value.join(',')}}` : String(value);
  // pgbench treats a word after a colon as a variable.
  return `'${text.replaceAll("'", "''").replaceAll(':', ': ')}'`;
}
