import { setTimeout as delay } from 'node:timers/promises';
import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import pg from 'pg';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { CHANNEL } from './transformations.repository.js';

const RECONNECT_MS = 500;
/** A connection that broke without a word shows itself at the next of these. */
const PROBE_MS = 10_000;

/** A status that may be another, or only further progress. */
export type Change = 'status' | 'progress';

type Listener = (change: Change) => void;

/** Tells that a transformation has changed, whichever process changed it (LISTEN/NOTIFY). */
@Injectable()
export class ChangeFeed implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ChangeFeed.name);
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly stopping = new AbortController();
  private client?: pg.Client;
  private running?: Promise<void>;

  constructor(@Inject(CONFIG) private readonly config: Pick<Config, 'DATABASE_URL'>) {}

  async onApplicationBootstrap(): Promise<void> {
    this.client = await this.connect();
    this.running = this.stayConnected(this.client);
  }

  async onModuleDestroy(): Promise<void> {
    this.stopping.abort();
    await this.running;
    // Last: a reconnection that was under way has left a new one.
    await this.client?.end();
  }

  /** Calls back after every change of the transformation, and when changes may have been missed. */
  subscribe(id: string, onChange: Listener): () => void {
    const listeners = this.listeners.get(id) ?? new Set();
    this.listeners.set(id, listeners.add(onChange));
    return () => {
      listeners.delete(onChange);
      if (listeners.size === 0) this.listeners.delete(id);
    };
  }

  private async connect(): Promise<pg.Client> {
    const client = new pg.Client({
      connectionString: this.config.DATABASE_URL,
      application_name: 'stylizer-listen',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 5_000,
    });
    // An error nobody listens for would end the process; what breaks shows in 'end' and the probe.
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => this.hear(payload ?? ''));
    await client.connect();
    await client.query(`LISTEN ${CHANNEL}`);
    return client;
  }

  private async stayConnected(first: pg.Client): Promise<void> {
    let client = first;
    while (!this.stopping.signal.aborted) {
      await this.untilBroken(client);
      if (this.stopping.signal.aborted) return;
      this.logger.warn('the connection that listens for changes broke; connecting anew');
      client = await this.reconnect();
      for (const id of this.listeners.keys()) this.tell(id, 'status');
    }
  }

  private async untilBroken(client: pg.Client): Promise<void> {
    const broken = new AbortController();
    const signal = AbortSignal.any([broken.signal, this.stopping.signal]);
    client.on('error', () => broken.abort());
    client.on('end', () => broken.abort());
    while (!signal.aborted) {
      await delay(PROBE_MS, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await client.query('SELECT 1').catch(() => broken.abort());
    }
  }

  private async reconnect(): Promise<pg.Client> {
    for (;;) {
      await this.client?.end().catch(() => undefined);
      try {
        this.client = await this.connect();
        return this.client;
      } catch {
        await delay(RECONNECT_MS, undefined, { signal: this.stopping.signal }).catch(
          () => undefined,
        );
        if (this.stopping.signal.aborted) return this.client as pg.Client;
      }
    }
  }

  private hear(payload: string): void {
    const [id = '', what] = payload.split(' ');
    this.tell(id, what === 'progress' ? 'progress' : 'status');
  }

  private tell(id: string, change: Change): void {
    for (const listener of this.listeners.get(id) ?? []) listener(change);
  }
}
