import { randomBytes } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { freePort } from '../postgres/free-port.js';
import { startPostgres } from '../postgres.js';
import { Client } from '../run/client.js';
import { speaker, type Say } from '../run/console.js';
import { ROOT } from '../run/settings.js';
import type { Image } from './buildah.js';
import { Container, type Volumes } from './container.js';

const STYLE = 'starry-night';

/**
 * Migrates a database, starts api, worker and inference as docker-compose.yml does, stylizes an
 * image through the public API, then stops them with SIGTERM.
 */
export async function exercise(
  images: { core: Image; inference: Image },
  folder: string,
  write: Say,
): Promise<void> {
  const volumes: Volumes = { tmp: join(folder, 'tmp'), data: join(folder, 'data') };
  for (const path of [volumes.tmp, join(volumes.data, 'storage')]) {
    await mkdir(path, { recursive: true });
    await chmod(path, 0o777);
  }
  const postgres = await startPostgres({ dataDirectory: join(folder, 'postgres'), durable: false });
  const containers: Container[] = [];
  try {
    await postgres.createDatabase('stylizer');
    const [api, metrics, workerMetrics, inference, inferenceMetrics] = await ports(5);
    const environment = {
      DATABASE_URL: postgres.url('stylizer'),
      JWT_SECRET: randomBytes(48).toString('base64'),
      INFERENCE_URL: `http://127.0.0.1:${inference}`,
      MAIL_REQUIRED: 'false',
      LOG_LEVEL: 'warn',
      PORT: String(api),
    };
    const core = (name: string, env: Record<string, string>, command?: string[]) => {
      const said = speaker('core', write);
      return new Container(name, images.core, volumes, { ...environment, ...env }, said, command);
    };
    const migrate = core('migrate', {}, ['node', 'dist/migrate.js']);
    const apiEnv = { METRICS_PORT: String(metrics), WORKER_ENABLED: 'false' };
    const apiContainer = core('core-api', apiEnv);
    const workerEnv = { METRICS_PORT: String(workerMetrics) };
    const workerContainer = core('core-worker', workerEnv, ['node', 'dist/worker.js']);
    const inferenceContainer = new Container(
      'inference',
      images.inference,
      volumes,
      {
        LOG_LEVEL: 'warn',
        PORT: String(inference),
        METRICS_PORT: String(inferenceMetrics),
      },
      speaker('inference', write),
    );
    await migrate.run();
    write('migrated by the core image');
    containers.push(inferenceContainer, apiContainer, workerContainer);
    for (const container of containers) container.start();
    write(`inference healthy after ${await inferenceContainer.healthy()} ms`);
    write(`core-api healthy after ${await apiContainer.healthy()} ms`);
    write(await stylize(`http://127.0.0.1:${api}`));
    for (const container of [...containers].reverse()) await container.stop();
    write('all three exited cleanly at SIGTERM');
  } finally {
    for (const container of containers) container.kill();
    await postgres.stop();
  }
}

async function stylize(url: string): Promise<string> {
  const client = new Client(url);
  const name = randomBytes(5).toString('hex');
  await client.register(`${name}@example.com`, randomBytes(18).toString('base64url'));
  const picture = await openAsBlob(join(ROOT, 'assets/sample.jpg'), { type: 'image/jpeg' });
  const { jpeg, charged, totalMs } = await client.stylize(picture, STYLE, { maxSize: '512' });
  const { format, width, height } = await sharp(jpeg).metadata();
  const { available, held } = await client.balance();
  if (format !== 'jpeg' || Math.max(width, height) !== 512) {
    throw new Error(`Asked for a JPEG of 512 pixels, got ${format} of ${width} x ${height}`);
  }
  if (charged <= 0 || held !== 0) throw new Error(`Charged ${charged}, still held ${held}`);
  return `a JPEG of ${width} x ${height} in ${Math.round(totalMs)} ms for ${charged} tokens, ${available} left`;
}

async function ports(count: number): Promise<number[]> {
  const found = new Set<number>();
  while (found.size < count) found.add(await freePort());
  return [...found];
}
