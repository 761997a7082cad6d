import { Injectable } from '@nestjs/common';
import { DataSource, type EntityManager, QueryFailedError } from 'typeorm';

/** Deadlock and serialization failure: PostgreSQL asks for the transaction to be run again. */
const RETRYABLE = new Set(['40P01', '40001']);
const ATTEMPTS = 3;

/** The only way to change tokens: everything inside commits together or not at all. */
@Injectable()
export class Transaction {
  constructor(private readonly dataSource: DataSource) {}

  /** `work` may run more than once, so it must touch nothing but the database. */
  async run<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.dataSource.transaction(work);
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
