import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Builder, type Image } from './containers/buildah.js';
import { faultsOf, sizesOf } from './containers/inspect.js';
import { exercise } from './containers/system-of-images.js';

const say = (text: string) => console.log(text);

function build(builder: Builder, target: string): Image {
  const since = Date.now();
  const image = builder.build(target);
  const service = `${target}-service`;
  say(`${target}: built in ${Math.round((Date.now() - since) / 1000)} s`);
  const sizes = sizesOf(image.root, '.', 'app', 'app/node_modules', `app/${service}`, 'usr');
  say(
    `  MB: ${sizes.map(({ part, megabytes }) => `/${part} ${megabytes}`.replace('/.', '/')).join(', ')}`,
  );
  const faults = faultsOf(image, service);
  if (faults.length) throw new Error(`${target}:\n  ${faults.join('\n  ')}`);
  return image;
}

const builder = new Builder();
const folder = mkdtempSync(join(tmpdir(), 'stylizer-images-'));
try {
  const core = build(builder, 'core');
  const inference = build(builder, 'inference');
  say('\nBoth images, as their own user, on a read-only file system');
  await exercise({ core, inference }, folder, (line) => say(`  ${line}`));
} finally {
  builder.clean();
  rmSync(folder, { recursive: true });
}
