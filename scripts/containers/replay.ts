import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { BuildContext } from './build-context.js';
import {
  assignments,
  execForm,
  type Instruction,
  parseDockerfile,
  type Stage,
} from './dockerfile.js';

export interface Image {
  /** The folder that stands for `/`. */
  root: string;
  workdir: string;
  env: Record<string, string>;
  user: string;
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
  /** Steps that only a real builder can do. */
  notReplayed: string[];
}

/** What a step needs of our environment to reach the registry; nothing else of it gets in. */
const FROM_OUTSIDE =
  /^(HOME|npm_config_.*|https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|SSL_CERT_.*)$/i;

/**
 * Builds an image's file system in a bare folder by its Dockerfile's steps, without a container: no
 * chroot, so an absolute path in a RUN step would be this machine's. Such steps, and apt-get, are
 * noted and left out. The Node at hand stands in for the base image's.
 */
export class Replay {
  readonly #stages: Stage[];
  readonly #context: BuildContext;

  /** @param layers Stages that were built already; those of another file that are the same are not built again. */
  constructor(
    source: string,
    context: string,
    private readonly folder: string,
    private readonly say: (text: string) => void,
    private readonly layers = new Map<string, Image>(),
  ) {
    this.#stages = parseDockerfile(source);
    this.#context = new BuildContext(context);
    rmSync(folder, { recursive: true, force: true });
  }

  build(target = this.#stages.at(-1)?.name ?? ''): Image {
    const key = this.#keyOf(target);
    const known = this.layers.get(key);
    if (known) return known;
    const stage = this.#stageOf(target);
    if (!stage) throw new Error(`There is no stage ${target}`);
    const image = this.#begin(stage);
    for (const instruction of stage.instructions) this.#apply(image, instruction);
    this.layers.set(key, image);
    return image;
  }

  #stageOf(name: string): Stage | undefined {
    return this.#stages.find((stage) => stage.name === name);
  }

  /** All that a stage's files follow from, the context apart. */
  #keyOf(target: string): string {
    const stage = this.#stageOf(target);
    if (!stage) return target;
    const steps = stage.instructions.map(({ name, flags, text }) => [
      name,
      text,
      flags.from ? this.#keyOf(flags.from) : '',
    ]);
    return createHash('sha256')
      .update(JSON.stringify([this.#keyOf(stage.base), steps]))
      .digest('hex');
  }

  #begin({ name, base }: Stage): Image {
    const root = join(this.folder, name);
    mkdirSync(root, { recursive: true });
    if (this.#stageOf(base)) {
      const parent = this.build(base);
      linkTree(parent.root, root);
      return { ...structuredClone(parent), root };
    }
    if (base !== 'scratch') this.#standIn(base, root);
    const bare = { workdir: '/', env: {}, user: 'root', notReplayed: [] };
    return { root, ...bare, entrypoint: [], command: [], healthcheck: [] };
  }

  #standIn(base: string, root: string): void {
    const [, version] = /^node:(\d+\.\d+\.\d+)-/.exec(base) ?? [];
    if (!version) throw new Error(`No stand-in for ${base}`);
    if (process.version !== `v${version}`) {
      throw new Error(`${base} is not the Node of package-lock.json, ${process.version}`);
    }
    const bin = join(root, 'usr/local/bin');
    mkdirSync(bin, { recursive: true });
    copyFileSync(process.execPath, join(bin, 'node'));
    const npm = execFileSync('sh', ['-c', 'command -v npm'], { encoding: 'utf8' }).trim();
    symlinkSync(realpathSync(npm), join(bin, 'npm'));
  }

  #apply(image: Image, instruction: Instruction): void {
    const { name, text } = instruction;
    if (name === 'ENV') image.env = assignments(text, image.env);
    else if (name === 'WORKDIR') this.#enter(image, text);
    else if (name === 'USER') image.user = text;
    else if (name === 'ENTRYPOINT') image.entrypoint = execForm(text);
    else if (name === 'CMD') image.command = execForm(text);
    else if (name === 'HEALTHCHECK') image.healthcheck = execForm(text.replace(/^CMD\s+/, ''));
    else if (name === 'COPY') this.#copy(image, instruction);
    else if (name === 'RUN') this.#run(image, text);
    else if (!['ARG', 'LABEL', 'EXPOSE', 'STOPSIGNAL'].includes(name)) {
      throw new Error(`${name} is not replayed yet`);
    }
  }

  #enter(image: Image, path: string): void {
    image.workdir = inside(image, path);
    mkdirSync(join(image.root, image.workdir), { recursive: true });
  }

  #copy(image: Image, { flags, text }: Instruction): void {
    const parts = text.split(/\s+/);
    const target = parts.pop() ?? '';
    const from = flags.from ? this.build(flags.from) : undefined;
    for (const source of parts) {
      const isFolder = from ? !isFileOf(from, source) : !this.#context.isFile(source);
      const within = target.endsWith('/') && !isFolder ? join(target, basename(source)) : target;
      const to = join(image.root, inside(image, within));
      mkdirSync(dirname(to), { recursive: true });
      if (!from) this.#context.copy(source, to);
      else if (isFolder) linkTree(join(from.root, source), to);
      else linkFile(join(from.root, source), to);
    }
  }

  #run(image: Image, command: string): void {
    const short = command.replace(/\s+/g, ' ');
    // A word that begins with a slash is a path of this machine's.
    if (/apt-get|(^|[\s"'=;|&(])\/\w/.test(short)) {
      image.notReplayed.push(short);
      return;
    }
    this.say(`RUN ${short.length > 100 ? `${short.slice(0, 97)}...` : short}`);
    const outside = Object.entries(process.env).filter(([key]) => FROM_OUTSIDE.test(key));
    const { status } = spawnSync('sh', ['-ec', command], {
      cwd: join(image.root, image.workdir),
      env: {
        ...Object.fromEntries(outside),
        ...image.env,
        PATH: `${join(image.root, 'usr/local/bin')}:/usr/bin:/bin`,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error(`This step failed (${status}): ${short}`);
  }
}

const inside = ({ workdir }: Image, path: string): string =>
  path.startsWith('/') ? path : join(workdir, path);

const isFileOf = (image: Image, path: string): boolean =>
  spawnSync('test', ['-f', join(image.root, path)]).status === 0;

/** By hard links, since nothing is changed in place: a step makes files and removes them. */
function linkTree(from: string, to: string): void {
  if (!existsSync(from)) throw new Error(`COPY --from: ${from} is not there`);
  mkdirSync(to, { recursive: true });
  execFileSync('cp', ['-alf', `${from}/.`, to]);
}

function linkFile(from: string, to: string): void {
  rmSync(to, { force: true });
  linkSync(from, to);
}
