import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { type NotificationListener, Notifications } from '../database/notifications.js';
import { type Stand, TransformationsRepository } from './transformations.repository.js';

/**
 * How long a lost notification goes unnoticed: well below the 30 s that a request waits by default.
 * Ten thousand watchers then cost two thousand rows a second, by primary key.
 */
const LOOK_MS = 5_000;
/** Looks that fall into one of these share a query. */
const TICK_MS = 1_000;
/** Most ids of a query. */
const LOOK_BATCH = 1_000;

/** A status that may be another, or only further progress. */
export type Change = 'status' | 'progress';

type Listener = (change: Change) => void;

interface Watched {
  listeners: Set<Listener>;
  /** When to look next, by `performance.now()`. Short waits end before they cost a look. */
  lookAt: number;
  /** How it stood at the last look. */
  stand?: Stand;
}

/** Wakes the watchers of a transformation when any process has changed it. */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnModuleDestroy, NotificationListener {
  private readonly logger = new Logger(ChangeFeed.name);
  private readonly watched = new Map<string, Watched>();
  private timer?: NodeJS.Timeout;
  private looking?: Promise<void>;

  constructor(
    private readonly notifications: Notifications,
    private readonly transformations: TransformationsRepository,
  ) {}

  onApplicationBootstrap(): void {
    this.notifications.listen(this);
    this.timer = setInterval(() => {
      this.looking ??= this.look().finally(() => (this.looking = undefined));
    }, TICK_MS);
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.timer);
    await this.looking;
  }

  /** Calls back after every change of the transformation, and when changes may have been missed. */
  subscribe(id: string, onChange: Listener): () => void {
    const watched = this.watched.get(id) ?? {
      listeners: new Set(),
      lookAt: performance.now() + LOOK_MS,
    };
    watched.listeners.add(onChange);
    this.watched.set(id, watched);
    return () => {
      watched.listeners.delete(onChange);
      if (watched.listeners.size === 0) this.watched.delete(id);
    };
  }

  /** After the commit of the change. */
  announce(id: string, change: Change): void {
    this.notifications.send(`${id} ${change}`);
  }

  hear(payload: string): void {
    const [id = '', what] = payload.split(' ');
    // Releases before this one send the status itself.
    this.wake(id, what === 'progress' ? 'progress' : 'status');
  }

  missed(): void {
    for (const id of this.watched.keys()) this.wake(id, 'status');
  }

  /** For notifications that were lost: wakes those whose row is another than at the last look. */
  private async look(): Promise<void> {
    const ids = this.due(performance.now());
    try {
      for (let from = 0; from < ids.length; from += LOOK_BATCH) {
        const batch = ids.slice(from, from + LOOK_BATCH);
        const stands = await this.transformations.stands(batch);
        for (const id of batch) this.compare(id, stands.get(id));
      }
    } catch (error) {
      this.logger.warn(`could not look for changes: ${String(error)}`);
    }
  }

  private due(now: number): string[] {
    const ids: string[] = [];
    for (const [id, watched] of this.watched) {
      if (watched.lookAt > now) continue;
      watched.lookAt = now + LOOK_MS;
      ids.push(id);
    }
    return ids;
  }

  private compare(id: string, stand: Stand | undefined): void {
    const watched = this.watched.get(id);
    if (!watched) return;
    const before = watched.stand;
    watched.stand = stand;
    // Also at the first look, which has nothing to compare with.
    if (!before || before.status !== stand?.status) this.wake(id, 'status');
    else if (before.tilesDone !== stand.tilesDone) this.wake(id, 'progress');
  }

  private wake(id: string, change: Change): void {
    for (const listener of this.watched.get(id)?.listeners ?? []) listener(change);
  }
}
