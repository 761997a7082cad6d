import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { type NotificationListener, Notifications } from '../database/notifications.js';
import { Outbox } from './outbox.js';

/** How long a lost notification goes unnoticed: well below the 30 s that a request waits by default. */
const LOOK_MS = 5_000;
/** Longer than a transaction takes from its event to its commit. */
const OVERLAP_SECONDS = 15;

/** A status that may have changed, or only further progress. */
export type Change = 'status' | 'progress';

type Listener = (change: Change) => void;

/**
 * Wakes the listeners of a transformation when any process has changed it: by notification, and from
 * the outbox for notifications that were lost. Lost progress is made up by the next.
 */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnModuleDestroy, NotificationListener {
  private readonly logger = new Logger(ChangeFeed.name);
  private readonly listeners = new Map<string, Set<Listener>>();
  private timer?: NodeJS.Timeout;
  private looking?: Promise<void>;

  constructor(
    private readonly notifications: Notifications,
    private readonly outbox: Outbox,
  ) {}

  onApplicationBootstrap(): void {
    this.notifications.listen(this);
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, LOOK_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** Calls back after every change, and when changes may have been missed. */
  subscribe(id: string, onChange: Listener): () => void {
    const listeners = this.listeners.get(id) ?? new Set();
    listeners.add(onChange);
    this.listeners.set(id, listeners);
    return () => {
      listeners.delete(onChange);
      if (listeners.size === 0) this.listeners.delete(id);
    };
  }

  /** Not an event: it changes every second, and is only news. */
  announceProgress(id: string): void {
    this.notifications.send(`${id} progress`);
  }

  hear(payload: string): void {
    const [id = '', what] = payload.split(' ');
    this.wake(id, what === 'progress' ? 'progress' : 'status');
  }

  missed(): void {
    for (const id of this.listeners.keys()) this.wake(id, 'status');
  }

  /** One query whatever the number of listeners. */
  private async look(): Promise<void> {
    if (this.listeners.size === 0) return;
    try {
      const ids = await this.outbox.recentSubjects(LOOK_MS / 1000 + OVERLAP_SECONDS);
      for (const id of ids) this.wake(id, 'status');
    } catch (error) {
      this.logger.warn(`could not look for changes: ${String(error)}`);
    }
  }

  private wake(id: string, change: Change): void {
    for (const listener of this.listeners.get(id) ?? []) listener(change);
  }
}
