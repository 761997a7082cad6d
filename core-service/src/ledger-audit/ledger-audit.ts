import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { LEDGER_RULES, type LedgerRule } from './ledger-rules.js';

/** Faults shown of each rule. */
const SHOWN = 10;

export interface BrokenRule extends Pick<LedgerRule, 'name' | 'fault'> {
  count: number;
  /** The first few. */
  examples: object[];
}

/** Proves the ledger from its rows, without trusting the triggers that keep it. */
@Injectable()
export class LedgerAudit {
  constructor(private readonly dataSource: DataSource) {}

  /** Reads everything, in one snapshot; changes nothing. Returns the rules that are broken. */
  run(): Promise<BrokenRule[]> {
    return this.dataSource.transaction('REPEATABLE READ', async (manager) => {
      await manager.query(`SET TRANSACTION READ ONLY`);
      await manager.query(`SET LOCAL statement_timeout = 0`);
      const broken: BrokenRule[] = [];
      for (const { name, fault, sql } of LEDGER_RULES) {
        const rows = await manager.query<{ found: object; count: string }[]>(
          `SELECT to_jsonb(found) AS found, count(*) OVER () AS count
             FROM (${sql}) AS found LIMIT ${SHOWN}`,
        );
        const [first] = rows;
        if (first)
          broken.push({
            name,
            fault,
            count: Number(first.count),
            examples: rows.map(({ found }) => found),
          });
      }
      return broken;
    });
  }
}
