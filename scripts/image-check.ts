import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTAINER_USER } from './containers/container.js';
import { faultsOf, setWritable, sizesOf } from './containers/inspect.js';
import { type Image, Replay } from './containers/replay.js';
import { exercise } from './containers/system-of-images.js';
import { canEnter } from './postgres/account.js';
import { ROOT } from './run/settings.js';

const FINALS = ['core-service/service/app', 'inference-service/cpu/app'];

const say = (text: string) => console.log(text);

/** Where the images' own user can get in: below /root, say, it could not. */
function place(): string {
  const usual = join(ROOT, 'out/images');
  mkdirSync(usual, { recursive: true });
  if (!CONTAINER_USER || canEnter(CONTAINER_USER, usual)) return usual;
  const folder = mkdtempSync(join(tmpdir(), 'stylizer-images-'));
  say(`User 1000 cannot enter ${usual}: using ${folder}.`);
  return folder;
}

const layers = new Map<string, Image>();

function replay(service: string, folder: string): Image {
  const since = Date.now();
  const file = `${service}/Dockerfile`;
  say(`\n${file}`);
  const into = join(folder, service);
  const source = readFileSync(join(ROOT, file), 'utf8');
  const image = new Replay(source, ROOT, into, (text) => say(`  ${text}`), layers).build();
  for (const step of image.notReplayed) say(`  not replayed: RUN ${step.slice(0, 90)}...`);
  const app = join(image.root, 'app');
  const sizes = sizesOf(app, '.', 'node_modules', service, 'packages');
  say(`  /app in MB: ${sizes.map(({ part, megabytes }) => `${part} ${megabytes}`).join(', ')}`);
  say(`  replayed in ${Math.round((Date.now() - since) / 1000)} s`);
  const faults = faultsOf(image, service);
  if (faults.length) throw new Error(`${file}:\n  ${faults.join('\n  ')}`);
  return image;
}

/** rm takes a fraction of the time that Node does, for some 100,000 files. */
function remove(folder: string): void {
  for (const app of FINALS) setWritable(join(folder, app), true);
  execFileSync('rm', ['-rf', folder]);
}

const folder = place();
remove(folder);
mkdirSync(folder, { recursive: true });
chmodSync(folder, 0o755);
try {
  const core = replay('core-service', folder);
  const inference = replay('inference-service', folder);
  for (const app of FINALS) setWritable(join(folder, app), false);
  say(`\nBoth, as ${CONTAINER_USER ? 'user 1000' : 'yourself'}, on files nobody may write`);
  await exercise({ core, inference }, folder, (line) => say(`  ${line}`));
} finally {
  remove(folder);
}
