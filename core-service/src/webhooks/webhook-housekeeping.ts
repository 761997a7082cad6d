import { Injectable } from '@nestjs/common';
import { RecurringChores } from '../common/recurring-chores.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';

/** Rows deleted in one transaction. */
const ROWS = 1_000;
const KEPT_MS = 30 * 86_400_000;

/** Forgets what was delivered a month ago. */
@Injectable()
export class WebhookHousekeeping extends RecurringChores {
  constructor(private readonly deliveries: WebhookDeliveriesRepository) {
    super();
  }

  async run(): Promise<void> {
    const before = new Date(Date.now() - KEPT_MS);
    await this.drain(ROWS, (limit) => this.deliveries.deleteBefore(before, limit));
  }
}
