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

/** Releases before this class listen on the same channel, and read `<id> <what>`. */
const CHANNEL = 'transformations';
const RECONNECT_MS = 500;
/** A connection that broke silently shows itself at the next of these. */
const PROBE_MS = 10_000;
const TIMEOUT_MS = 5_000;

export interface NotificationListener {
  hear(payload: string): void;
  /** The connection was away: payloads may have been lost. */
  missed(): void;
}

/** pg has it, its types do not: the backend that serves the connection. */
type Client = pg.Client & { processID: number | null };

/**
 * Hints between all processes on one database (LISTEN/NOTIFY). PostgreSQL takes a lock over the whole
 * server for the commit of a transaction that notifies, and money must not queue behind it. So hints
 * go out after the commit, in batches, on the connection that listens. One may be lost, with its
 * process or its connection: watchers and workers also look at the tables from time to time.
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

  /** Later than onModuleDestroy, where the queue still finishes jobs. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.batch.drain();
    this.stopping.abort();
    await this.running;
    // Last: a reconnection that was under way has left a new one.
    await this.client?.end();
  }

  listen(listener: NotificationListener): void {
    this.listeners.add(listener);
  }

  /** Reaches this process at once and the others soon. Only for what has been committed. */
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
    // An error nobody listens for would end the process; what breaks shows in 'end' and the probe.
    client.on('error', () => undefined);
    client.on('notification', ({ processId, payload }) => {
      // Its own have been heard when they were sent.
      if (processId !== client.processID) this.hear(payload ?? '');
    });
    await client.connect();
    // Notifications do not survive a crash anyway: no reason to wait for the disk under the lock.
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
