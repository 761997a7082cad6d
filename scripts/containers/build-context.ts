import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** What `docker build` would be sent: the folder less what its .dockerignore leaves out. */
export class BuildContext {
  readonly #rules: { keep: boolean; pattern: RegExp }[];

  constructor(
    private readonly root: string,
    ignore = readFileSync(join(root, '.dockerignore'), 'utf8'),
  ) {
    this.#rules = ignore
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line && !line.startsWith('#'))
      .map((line) => ({
        keep: line.startsWith('!'),
        pattern: toPattern(line.replace(/^!/, '').replace(/^\/|\/$/g, '')),
      }));
  }

  /** The last rule that matches the path, or a folder above it, decides. */
  has(path: string): boolean {
    return this.#rules.reduce(
      (kept, { keep, pattern }) => (pattern.test(path) ? keep : kept),
      true,
    );
  }

  /** @throws Error when nothing of the source is in the context, as COPY would. */
  copy(source: string, target: string): void {
    const files = this.#filesOf(source);
    if (files.length === 0) throw new Error(`COPY ${source}: not in the build context`);
    for (const file of files) {
      const to = file === source ? target : join(target, relative(source, file));
      mkdirSync(dirname(to), { recursive: true });
      // It may be a hard link, whose other names are to stay as they are.
      rmSync(to, { force: true });
      cpSync(join(this.root, file), to);
    }
  }

  isFile(source: string): boolean {
    return existsSync(join(this.root, source)) && statSync(join(this.root, source)).isFile();
  }

  #filesOf(path: string): string[] {
    const full = join(this.root, path);
    if (!existsSync(full)) return [];
    if (statSync(full).isFile()) return this.has(path) ? [path] : [];
    // A folder that is left out is not entered, though a rule could keep a file in it: ours do not.
    if (!this.has(path)) return [];
    return readdirSync(full).flatMap((name) => this.#filesOf(join(path, name)));
  }
}

/** Of a folder's rule also what is in it. */
function toPattern(rule: string): RegExp {
  const body = rule
    .split('/')
    .map((part) =>
      part === '**' ? '**' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*'),
    )
    .join('/')
    .replace(/\*\*\//g, '(?:.*/)?');
  return new RegExp(`^${body}(?:/|$)`);
}
