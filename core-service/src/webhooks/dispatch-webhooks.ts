import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { type NotificationListener, Notifications } from '../database/notifications.js';
import { Transaction } from '../database/transaction.js';
import { WEBHOOKS_DUE } from '../events/outbox.js';
import { DeliverWebhook, TIMEOUT_MS } from './deliver-webhook.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';

const LOOK_MS = 1_000;
/** Attempts of one process at the same time. They mostly wait. */
const MOST_AT_ONCE = 200;
/** Of all processes together. */
const PER_ENDPOINT = 4;
/** A delivery that is not finished by then belongs to a process that died: another sends it again. */
const CLAIM_SECONDS = (2 * TIMEOUT_MS) / 1000;
/** What is under way when the process stops may take this long. */
const STOP_MS = 5_000;

/** Takes deliveries that are due and attempts them, in processes with a worker. */
@Injectable()
export class DispatchWebhooks implements NotificationListener, OnModuleDestroy {
  private readonly logger = new Logger(DispatchWebhooks.name);
  private readonly running = new Set<Promise<void>>();
  private readonly stopping = new AbortController();
  private timer?: NodeJS.Timeout;
  private looking?: Promise<void>;
  private lookAgain = false;

  constructor(
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly delivering: DeliverWebhook,
    private readonly transaction: Transaction,
    private readonly notifications: Notifications,
  ) {}

  start(): void {
    this.notifications.listen(this);
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  hear(payload: string): void {
    if (payload === WEBHOOKS_DUE) this.look();
  }

  missed(): void {
    this.look();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    this.timer = undefined;
    await this.looking;
    const cut = setTimeout(() => this.stopping.abort(), STOP_MS);
    await Promise.all(this.running);
    clearTimeout(cut);
  }

  /** At most one at a time; what happens in between is seen by the next. */
  private look(): void {
    if (!this.timer) return;
    this.lookAgain = true;
    this.looking ??= this.lookWhileAsked().finally(() => (this.looking = undefined));
  }

  private async lookWhileAsked(): Promise<void> {
    while (this.lookAgain && this.timer) {
      this.lookAgain = false;
      try {
        await this.take();
      } catch (error) {
        this.logger.warn(`could not look for webhooks to deliver: ${String(error)}`);
      }
    }
  }

  private async take(): Promise<void> {
    const limit = MOST_AT_ONCE - this.running.size;
    if (limit === 0 || !(await this.deliveries.anyDue())) return;
    const claimed = await this.transaction.run((manager) =>
      this.deliveries.claim(manager, { limit, perEndpoint: PER_ENDPOINT, seconds: CLAIM_SECONDS }),
    );
    for (const delivery of claimed) {
      const attempt = this.delivering
        .attempt(delivery, this.stopping.signal)
        // Its claim runs out, and it is sent again.
        .catch((error: unknown) => this.logger.error(error))
        .finally(() => {
          this.running.delete(attempt);
          this.look();
        });
      this.running.add(attempt);
    }
  }
}
