/** Rewrites a model folder's manifest.json after one of its files changed. Usage: write-manifest.ts [folder] */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Manifest, sha256 } from '../src/model/manifest.js';

const dir = process.argv[2] ?? fileURLToPath(new URL('../models', import.meta.url));
const path = join(dir, 'manifest.json');

const { name, version } = JSON.parse(await readFile(path, 'utf8')) as Manifest;
const files: Manifest['files'] = {};
const names = (await readdir(dir, { recursive: true })).filter((file) =>
  /(\.onnx|\.safetensors|^styles\.json|\.webp|^(style-encoder|network)\/.+)$/.test(file),
);
for (const file of names.sort()) {
  const bytes = await readFile(join(dir, file));
  files[file] = { sha256: sha256(bytes), bytes: bytes.length };
}
await writeFile(path, `${JSON.stringify({ name, version, files }, null, 2)}\n`);
console.log(`${path}: ${names.length} files`);
