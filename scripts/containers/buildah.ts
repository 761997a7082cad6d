import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { ROOT } from '../run/settings.js';

export interface Image {
  /** Mount point of its file system. */
  root: string;
  workdir: string;
  /** `user:group`. */
  user: string;
  env: string[];
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
}

interface Inspected {
  Docker: {
    config: {
      WorkingDir: string;
      User: string;
      Env: string[];
      Entrypoint: string[];
      Cmd: string[];
      Healthcheck: { Test: string[] };
    };
  };
}

const WORK = join(ROOT, '.data/containers');
/** npm opens a file for each package at once: more than 1,024. */
const BUILD =
  'build --layers --jobs 2 --format docker --isolation chroot --pull-never --ulimit nofile=16384:16384';
const BASE = /^FROM (node:(\d+\.\d+\.\d+)-(\w+)-slim)@sha256:\w+ AS node$/m;

/** @throws Error with the end of its output. */
function buildah(...args: string[]): string {
  const storage = ['--root', join(WORK, 'storage'), '--runroot', join(WORK, 'run')];
  const { status, stdout, stderr } = spawnSync('buildah', [...storage, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (status === 0) return stdout.trim();
  throw new Error(`buildah ${args[0]} failed:\n${`${stdout}\n${stderr}`.slice(-4_000)}`);
}

/** Builds the Dockerfile's targets with buildah, on a stand-in for Node's image: no registry is needed. */
export class Builder {
  readonly #dockerfile = join(WORK, 'Dockerfile');
  readonly #registry: string[];

  /** @throws Error when the Dockerfile's Node is not the lockfile's. */
  constructor() {
    mkdirSync(WORK, { recursive: true });
    const source = readFileSync(join(ROOT, 'Dockerfile'), 'utf8');
    const [, base = '', version, suite = ''] = BASE.exec(source) ?? [];
    if (process.version !== `v${version}`) {
      throw new Error(
        `${base || 'The base'} is not the Node of package-lock.json, ${process.version}`,
      );
    }
    if (!buildah('images', '--quiet', '--filter', `reference=localhost/${base}`)) {
      standIn(base, suite);
    }
    // A stand-in has another digest, and Debian 12's buildah does not know --start-interval.
    writeFileSync(
      this.#dockerfile,
      source.replace(/^(FROM \S+)@sha256:\w+/gm, '$1').replace(' --start-interval=1s', ''),
    );
    this.#registry = registryAccess();
  }

  build(target: string): Image {
    const tag = `localhost/stylizer:${target}`;
    buildah(
      ...BUILD.split(' '),
      ...['--file', this.#dockerfile, '--target', target, '--tag', tag],
      ...this.#registry,
      '.',
    );
    const container = buildah('from', '--pull-never', tag);
    const { config } = (JSON.parse(buildah('inspect', '--type', 'image', tag)) as Inspected).Docker;
    return {
      root: buildah('mount', container),
      workdir: config.WorkingDir,
      user: config.User,
      env: config.Env,
      entrypoint: config.Entrypoint,
      command: config.Cmd,
      healthcheck: config.Healthcheck.Test.slice(1),
    };
  }

  /** Removes everything except the stand-in. */
  clean(): void {
    buildah('rm', '--all');
    buildah('rmi', '--prune', '--force');
  }
}

/** Debian's essential packages, this process's Node and the installed npm. */
function standIn(base: string, suite: string): void {
  console.log(`mmdebstrap ${suite}, as ${base}`);
  const context = join(WORK, 'base');
  rmSync(context, { recursive: true, force: true });
  mkdirSync(context, { recursive: true });
  const archive = join(context, 'debian.tar');
  execFileSync('mmdebstrap', ['--quiet', '--variant=apt', suite, archive], { stdio: 'inherit' });
  copyFileSync(process.execPath, join(context, 'node'));
  const npm = realpathSync(
    execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim(),
  );
  cpSync(dirname(dirname(npm)), join(context, 'npm'), { recursive: true });
  writeFileSync(
    join(context, 'Dockerfile'),
    `FROM scratch
ADD debian.tar /
COPY node /usr/local/bin/node
COPY npm /usr/local/lib/node_modules/npm
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm && useradd --uid 1000 node
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
`,
  );
  buildah('build', '--isolation', 'chroot', '--tag', `localhost/${base}`, context);
  rmSync(context, { recursive: true });
}

/** npm's settings, certificates and cache, mounted only during the build. */
function registryAccess(): string[] {
  const settings = join(WORK, 'npmrc');
  const own = join(homedir(), '.npmrc');
  const cache = join(homedir(), '.npm');
  mkdirSync(cache, { recursive: true });
  const certificates = process.env.NODE_EXTRA_CA_CERTS;
  const lines = [existsSync(own) ? readFileSync(own, 'utf8') : '', 'cache=/run/npm'];
  if (certificates) lines.push('cafile=/run/certificates.pem');
  writeFileSync(settings, lines.join('\n'), { mode: 0o600 });
  return [
    ...['--volume', `${settings}:/root/.npmrc:ro`, '--volume', `${cache}:/run/npm`],
    ...(certificates ? ['--volume', `${certificates}:/run/certificates.pem:ro`] : []),
  ];
}
