import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { type Cluster, passwordOf, SUPERUSER } from './server.js';

/** Keys of advisory locks, different from those that the services take in their own databases. */
const IN_USE = 0x5717;
const RUN = 0x5718;

/**
 * A connection that is open while we use the server. Each user holds a shared lock, so that only the
 * last one stops the server; a dead process holds no lock. When the connection ends, the server died.
 */
export class Session {
  #closed = false;
  #lost: () => void = () => undefined;

  private constructor(private readonly client: pg.Client) {
    // An 'end' event follows every error.
    client.on('error', () => undefined);
    client.on('end', () => {
      if (!this.#closed) this.#lost();
      this.#closed = true;
    });
  }

  /** @throws unless the server answers in time; it may be starting or stopping. */
  static async open(cluster: Cluster, port: number): Promise<Session> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: SUPERUSER,
      password: passwordOf(cluster),
      database: 'postgres',
      application_name: 'stylizer keeper',
      connectionTimeoutMillis: 5_000,
      query_timeout: 20_000,
    });
    const session = new Session(client);
    try {
      await client.connect();
      await client.query('SELECT pg_advisory_lock_shared($1)', [IN_USE]);
      return session;
    } catch (error) {
      await session.close();
      throw error;
    }
  }

  /** Sets the only listener, called once when the connection ends without close(). */
  onLost(listener: () => void): void {
    this.#lost = listener;
  }

  /** Whether we are the only `make run` on this data. Held until the session ends. */
  claimRun(): Promise<boolean> {
    return this.#try(RUN);
  }

  /** Whether nobody else uses the server. If so, newcomers wait until it has stopped, then restart it. */
  async claimLast(): Promise<boolean> {
    await this.client.query('SELECT pg_advisory_unlock_shared($1)', [IN_USE]);
    return this.#try(IN_USE);
  }

  async createDatabase(name: string): Promise<void> {
    const found = await this.client.query('SELECT FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount) return;
    await this.client.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  }

  async close(): Promise<void> {
    this.#closed = true;
    // A hanging server must not block us: the socket closes with the process.
    await Promise.race([
      this.client.end().catch(() => undefined),
      delay(2_000, undefined, { ref: false }),
    ]);
  }

  async #try(key: number): Promise<boolean> {
    const { rows } = await this.client.query<{ got: boolean }>(
      'SELECT pg_try_advisory_lock($1) AS got',
      [key],
    );
    return rows[0]?.got === true;
  }
}
