import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import pg from 'pg';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { NotifyBatch } from './notify-batch.js';

/** Older releases listen on the same channel and expect `<id> <what>`. */
const CHANNEL = 'transformations';
const RECONNECT_MS = 500;
/** Detects a connection that broke silently. */
const PROBE_MS = 10_000;
const TIMEOUT_MS = 5_000;

export interface NotificationListener {
  hear(payload: string): void;
  /** The connection was lost for a while, so payloads may be missing. */
  missed(): void;
}

/** The backend process of the connection: pg has it, its types do not. */
type Client = pg.Client & { processID: number | null };

/**
 * Hints between all processes on one database (LISTEN/NOTIFY). PostgreSQL takes a lock over the whole
 * server while a transaction that notifies commits, and payments must not queue behind it. So hints
 * are sent after the commit, in batches, on the listening connection. A hint may be lost with its
 * process or connection, so watchers and workers also poll the tables.
 */
@Injectable()
export class Notifications implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(Notifications.name);
  private readonly listeners = new Set<NotificationListener>();
  private readonly stopping = new AbortController();
  private readonly batch = new NotifyBatch((payloads) => this.notify(payloads));
  private client?: Client;
  private running?: Promise<void>;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'DATABASE_URL'>) {}

  async onApplicationBootstrap(): Promise<void> {
    this.client = await this.connect();
    this.running = this.stayConnected(this.client);
  }

  /** After onModuleDestroy, in which the queue still finishes jobs. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.batch.drain();
    this.stopping.abort();
    await this.running;
    // Last, because a reconnection in progress may have replaced it.
    await this.client?.end();
  }

  listen(listener: NotificationListener): void {
    this.listeners.add(listener);
  }

  /** Reaches this process immediately and the others soon. Only for committed changes. */
  send(payload: string): void {
    this.hear(payload);
    this.batch.add(payload);
  }

  private hear(payload: string): void {
    for (const listener of this.listeners) listener.hear(payload);
  }

  private async notify(payloads: string[]): Promise<void> {
    try {
      await this.client?.query('SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload', [
        CHANNEL,
        payloads,
      ]);
    } catch (error) {
      this.logger.warn(`${payloads.length} notifications were lost: ${String(error)}`);
    }
  }

  private async connect(): Promise<Client> {
    const client = new pg.Client({
      connectionString: this.config.DATABASE_URL,
      application_name: 'stylizer-listen',
      keepAlive: true,
      connectionTimeoutMillis: TIMEOUT_MS,
      query_timeout: TIMEOUT_MS,
    }) as Client;
    // Without a listener an error would end the process; 'end' and the probe handle it.
    client.on('error', () => undefined);
    client.on('notification', ({ processId, payload }) => {
      // Its own notifications were delivered when they were sent.
      if (processId !== client.processID) this.hear(payload ?? '');
    });
    await client.connect();
    // Notifications do not survive a crash anyway, so do not wait for the disk under the lock.
    await client.query(`SET synchronous_commit = off; LISTEN ${CHANNEL}`);
    return client;
  }

  private async stayConnected(first: Client): Promise<void> {
    let client = first;
    while (!this.stopping.signal.aborted) {
      await this.untilBroken(client);
      if (this.stopping.signal.aborted) return;
      this.logger.warn('the connection for notifications broke; connecting again');
      client = await this.reconnect();
      for (const listener of this.listeners) listener.missed();
    }
  }

  private async untilBroken(client: Client): Promise<void> {
    const broken = new AbortController();
    const signal = AbortSignal.any([broken.signal, this.stopping.signal]);
    client.on('error', () => broken.abort());
    client.on('end', () => broken.abort());
    while (!signal.aborted) {
      await delay(PROBE_MS, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await client.query('SELECT 1').catch(() => broken.abort());
    }
  }

  private async reconnect(): Promise<Client> {
    for (;;) {
      await this.client?.end().catch(() => undefined);
      try {
        this.client = await this.connect();
        return this.client;
      } catch {
        await delay(RECONNECT_MS, undefined, { signal: this.stopping.signal }).catch(
          () => undefined,
        );
        if (this.stopping.signal.aborted) return this.client as Client;
      }
    }
  }
}
