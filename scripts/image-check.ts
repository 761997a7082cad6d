import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTAINER_USER } from './containers/container.js';
import { faultsOf, setWritable, sizesOf } from './containers/inspect.js';
import { type Image, Replay } from './containers/replay.js';
import { exercise } from './containers/system-of-images.js';
import { canEnter } from './postgres/account.js';
import { ROOT } from './run/settings.js';

const say = (text: string) => console.log(text);

/** Where the images' own user can get in: below /root, say, it could not. */
function place(): string {
  const usual = join(ROOT, 'out/images');
  mkdirSync(usual, { recursive: true });
  if (!CONTAINER_USER || canEnter(CONTAINER_USER, usual)) return usual;
  const folder = mkdtempSync(join(tmpdir(), 'stylizer-images-'));
  chmodSync(folder, 0o755);
  say(`User 1000 cannot enter ${usual}: using ${folder}.`);
  return folder;
}

function replay(service: string, folder: string): Image {
  const since = Date.now();
  const file = `${service}/Dockerfile`;
  say(`\n${file}`);
  const into = join(folder, service);
  const image = new Replay(readFileSync(join(ROOT, file), 'utf8'), ROOT, into, (text) =>
    say(`  ${text}`),
  ).build();
  for (const step of image.notReplayed) say(`  not replayed: RUN ${step.slice(0, 90)}...`);
  const app = join(image.root, 'app');
  const sizes = sizesOf(app, '.', 'node_modules', service, 'packages');
  say(`  /app in MB: ${sizes.map(({ part, megabytes }) => `${part} ${megabytes}`).join(', ')}`);
  say(`  replayed in ${Math.round((Date.now() - since) / 1000)} s`);
  const faults = faultsOf(image, service);
  if (faults.length) throw new Error(`${file}:\n  ${faults.join('\n  ')}`);
  return image;
}

const folder = place();
const finals = ['core-service/service', 'inference-service/cpu'].map((path) =>
  join(folder, path, 'app'),
);
for (const app of finals) setWritable(app, true);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
try {
  const core = replay('core-service', folder);
  const inference = replay('inference-service', folder);
  for (const app of finals) setWritable(app, false);
  say(`\nBoth, as ${CONTAINER_USER ? 'user 1000' : 'yourself'}, on files nobody may write`);
  await exercise({ core, inference }, folder, (line) => say(`  ${line}`));
} finally {
  for (const app of finals) setWritable(app, true);
  rmSync(folder, { recursive: true, force: true });
}
