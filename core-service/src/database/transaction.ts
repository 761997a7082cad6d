import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';

/** Deadlock and serialization failure: PostgreSQL expects the client to retry. */
const RETRYABLE = new Set(['40P01', '40001']);
const ATTEMPTS = 3;

type Hook = () => void;
const hooks = new WeakMap<EntityManager, Hook[]>();

/**
 * Runs a hook when the transaction has committed, for what others may only know then.
 *
 * @param manager of a {@link Transaction.run}
 * @param hook runs once after the commit, and never after a rollback; it must not throw
 */
export function afterCommit(manager: EntityManager, hook: Hook): void {
  const known = hooks.get(manager);
  if (!known) throw new Error('afterCommit works only inside Transaction.run');
  known.push(hook);
}

/** The only way to change tokens: everything inside commits together or not at all. */
@Injectable()
export class Transaction {
  constructor(private readonly dataSource: DataSource) {}

  /** `work` may run more than once, so it must change nothing but the database. */
  async run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        // Hooks of this attempt only: those of a rolled-back attempt must not run.
        const after: Hook[] = [];
        const result = await this.dataSource.transaction((manager) => {
          hooks.set(manager, after);
          return work(manager);
        });
        for (const hook of after) hook();
        return result;
      } catch (error) {
        if (attempt === ATTEMPTS || !RETRYABLE.has(sqlState(error) ?? '')) throw error;
      }
    }
  }
}

interface PostgresError {
  code?: string;
  constraint?: string;
}

function driverError(error: unknown): PostgresError | undefined {
  return error instanceof QueryFailedError ? (error.driverError as PostgresError) : undefined;
}

export function sqlState(error: unknown): string | undefined {
  return driverError(error)?.code;
}

/** Whether PostgreSQL refused because of the constraint of this name. */
export function violates(error: unknown, constraint: string): boolean {
  return driverError(error)?.constraint === constraint;
}
