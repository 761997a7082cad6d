import { Injectable, Logger } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { RecurringChores } from '../common/recurring-chores.js';
import { Metrics } from '../metrics/metrics.js';
import { type BrokenRule, LedgerAudit } from './ledger-audit.js';
import { LEDGER_RULES } from './ledger-rules.js';

const EVERY_HOURS = 24;

/** Audits the ledger once a day, in one of all workers. */
@Injectable()
export class DailyAudit extends RecurringChores {
  private readonly log = new Logger(DailyAudit.name);

  constructor(
    private readonly audit: LedgerAudit,
    private readonly dataSource: DataSource,
    metrics: Metrics,
  ) {
    super();
    metrics.gauge(
      'stylizer_ledger_faults',
      'What the last audit of the ledger found, by rule; should be 0',
      'rule',
      () => this.faults(),
    );
  }

  async run(): Promise<void> {
    await this.attempt(async () => {
      const number = await this.claim();
      if (number === undefined) return;
      const broken = await this.audit.run();
      await this.dataSource.query(
        `UPDATE ledger_audits SET finished_at = now(), broken = $2 WHERE number = $1`,
        [number, JSON.stringify(broken)],
      );
      if (broken.length === 0) this.log.log('the ledger is right');
      for (const rule of broken) this.log.error(`the ledger is wrong: ${JSON.stringify(rule)}`);
    });
  }

  /** The number of the audit that is due and this process's to run. One that died is repeated a day later. */
  private async claim(): Promise<number | undefined> {
    const [row] = await this.dataSource.query<{ number: number }[]>(
      `INSERT INTO ledger_audits (number)
         SELECT 1 + coalesce(max(number), 0) FROM ledger_audits
         HAVING coalesce(max(started_at) < now() - make_interval(hours => $1), true)
       ON CONFLICT DO NOTHING RETURNING number`,
      [EVERY_HOURS],
    );
    return row?.number;
  }

  /** By rule; nothing before the first audit has ended. */
  private async faults(): Promise<Record<string, number>> {
    const [row] = await this.dataSource.query<{ broken: BrokenRule[] }[]>(
      `SELECT broken FROM ledger_audits WHERE broken IS NOT NULL ORDER BY number DESC LIMIT 1`,
    );
    if (!row) return {};
    const broken = new Map(row.broken.map(({ name, count }) => [name, count]));
    return Object.fromEntries(LEDGER_RULES.map(({ name }) => [name, broken.get(name) ?? 0]));
  }
}
