import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { RecurringChores } from '../common/recurring-chores.js';
import { Transaction } from '../database/transaction.js';
import { PurchasesRepository } from './purchases.repository.js';
import { PurchasesService } from './purchases.service.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Checkouts looked at again; a webhook is retried for three days. */
const RECONCILED_MS = 7 * DAY_MS;
/** Longer than Stripe repeats an event. */
const EVENTS_KEPT_MS = 90 * DAY_MS;
/** Bank transfers take days. */
const OPEN_MS = 14 * DAY_MS;
const ROWS = 1_000;

/** Asks the payment provider once an hour what its webhooks may not have told. */
@Injectable()
export class PaymentsHousekeeping extends RecurringChores {
  private asked = 0;

  constructor(
    private readonly purchases: PurchasesService,
    private readonly repository: PurchasesRepository,
    private readonly transaction: Transaction,
  ) {
    super();
  }

  async run(): Promise<void> {
    if (Date.now() - this.asked < HOUR_MS) return;
    this.asked = Date.now();
    await this.attempt(() => this.purchases.reconcile(new Date(Date.now() - RECONCILED_MS)));
    const ago = (ms: number) => new Date(Date.now() - ms);
    await this.batches((manager, limit) =>
      this.repository.expireBefore(manager, ago(OPEN_MS), limit),
    );
    await this.batches((manager, limit) =>
      this.repository.deleteEventsBefore(manager, ago(EVENTS_KEPT_MS), limit),
    );
  }

  private batches(work: (manager: EntityManager, limit: number) => Promise<number>) {
    return this.drain(ROWS, (limit) => this.transaction.run((manager) => work(manager, limit)));
  }
}
