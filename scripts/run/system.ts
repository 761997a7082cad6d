import { once } from 'node:events';
import { join } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { buildCommon } from './common-build.js';
import { speaker, type Say } from './console.js';
import { RunDatabase } from './database.js';
import { requireFreePorts } from './ports.js';
import { waitUntilReady } from './readiness.js';
import { Service, spawnEntry } from './service.js';
import {
  baseUrl,
  coreEnvironment,
  inferenceEnvironment,
  Plain,
  ROOT,
  type Settings,
} from './settings.js';
import { watchSources } from './source-watch.js';

/** Give up after this many crashes in a row during startup. */
const HOPELESS_CRASHES = 3;

/** The whole of Stylizer on this machine: PostgreSQL, inference, core with its worker. */
export class System {
  readonly #abort = new AbortController();
  readonly #inference: Service | undefined;
  #database: RunDatabase | undefined;
  #core: Service | undefined;
  #watch: FSWatcher | undefined;
  #ready = false;
  #starting: Promise<void> = Promise.resolve();
  #reload: Promise<void> = Promise.resolve();

  constructor(
    private readonly settings: Settings,
    private readonly write: Say,
  ) {
    if (settings.inferenceUrl) return;
    this.#inference = this.#service(
      'inference',
      'inference-service',
      inferenceEnvironment(settings),
    );
  }

  /** @throws Plain, or what the abort by stop() gives, when it does not get ready. */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  /** In dependency order: what still runs keeps what it needs. */
  async stop(): Promise<void> {
    this.#abort.abort(new Plain('Stopped before it was ready.'));
    await this.#watch?.close();
    await this.#starting.catch(() => undefined);
    await this.#reload;
    await this.#core?.stop(this.settings.stopGraceMs);
    await this.#inference?.stop(this.settings.stopGraceMs);
    await this.#database?.stop();
  }

  kill(): void {
    this.#core?.kill();
    this.#inference?.kill();
    this.#database?.kill();
  }

  async #start(): Promise<void> {
    const { settings, write } = this;
    const { signal } = this.#abort;
    const say = speaker('run', write);
    await requireFreePorts(settings);
    if (!(await buildCommon(say))) throw new Plain('packages/common does not build.');
    if (!settings.databaseUrl) this.#database = await RunDatabase.start(settings, say);
    signal.throwIfAborted();
    // Its model warms up while we migrate.
    this.#inference?.start();
    const env = coreEnvironment(settings, settings.databaseUrl ?? this.#database?.url ?? '');
    if (!(await this.#migrate(env))) throw new Plain('The database could not be migrated.');
    signal.throwIfAborted();

    this.#core = this.#service('core', 'core-service', env);
    this.#core.start();
    this.#watchSources(env, say);
    const inferenceUrl = settings.inferenceUrl ?? `http://127.0.0.1:${settings.inferencePort}`;
    await Promise.all([
      waitUntilReady('inference', inferenceUrl, say, signal),
      waitUntilReady('core', baseUrl(settings), say, signal),
    ]);
    this.#ready = true;
  }

  #service(name: 'core' | 'inference', folder: string, env: NodeJS.ProcessEnv): Service {
    const say = speaker(name, this.write);
    return new Service({ folder, entry: 'src/main.ts', env, say }, (crashes) => {
      if (this.#ready || crashes < HOPELESS_CRASHES) return;
      this.#abort.abort(new Plain(`${name} does not start; what it said is above.`));
    });
  }

  async #migrate(env: NodeJS.ProcessEnv): Promise<boolean> {
    const say = speaker('migrate', this.write);
    const child = spawnEntry({ folder: 'core-service', entry: 'src/migrate.ts', env, say });
    this.#abort.signal.addEventListener('abort', () => child.kill(), { once: true });
    const [code] = (await once(child, 'close')) as [number | null];
    return code === 0;
  }

  #watchSources(env: NodeJS.ProcessEnv, say: Say): void {
    const folders = ['packages/common/src', 'core-service/src', 'inference-service/src'];
    this.#watch = watchSources(
      folders.map((folder) => join(ROOT, folder)),
      (files) => {
        this.#reload = this.#reload.then(() => this.#onChange(files, env, say));
      },
    );
  }

  async #onChange(files: string[], env: NodeJS.ProcessEnv, say: Say): Promise<void> {
    const touches = (folder: string) => files.some((file) => file.startsWith(join(ROOT, folder)));
    const common = touches('packages/common/');
    if (common && !(await buildCommon(say))) return;
    if (this.#abort.signal.aborted) return;
    if (common || touches('inference-service/')) await this.#restart('inference', this.#inference);
    if (touches('core-service/src/database/')) await this.#migrate(env);
    if (common || touches('core-service/')) await this.#restart('core', this.#core);
  }

  async #restart(name: 'core' | 'inference', service: Service | undefined): Promise<void> {
    if (!service || this.#abort.signal.aborted) return;
    speaker(name, this.write)('code changed; restarting');
    await service.restart(this.settings.stopGraceMs);
  }
}
