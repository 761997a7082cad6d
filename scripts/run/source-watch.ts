import { type FSWatcher, readdirSync, watch } from 'node:fs';
import { join } from 'node:path';

/** An editor saves in several steps, and a checkout writes many files. */
const QUIET_MS = 150;

/**
 * Calls back with the files that changed, once they have stopped changing. Every folder below is
 * watched by itself, since that sees files replaced by renaming, which is how editors and git save.
 */
export class SourceWatch {
  #watchers: FSWatcher[] = [];
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly folders: string[],
    private readonly onChange: (files: string[]) => void,
  ) {
    this.#open();
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const watcher of this.#watchers.splice(0)) watcher.close();
  }

  #open(): void {
    for (const folder of this.folders.flatMap(withSubfolders)) {
      const watcher = watch(folder, (_event, name) => this.#note(folder, name));
      watcher.on('error', () => watcher.close());
      this.#watchers.push(watcher);
    }
  }

  #note(folder: string, name: string | null): void {
    // A name without a dot is a folder that came or went.
    if (name && (/\.spec\.ts$/.test(name) || !/(\.(ts|js|json)|^[^.]+)$/.test(name))) return;
    this.#changed.add(join(folder, name ?? ''));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const files = [...this.#changed];
      this.#changed.clear();
      for (const watcher of this.#watchers.splice(0)) watcher.close();
      this.#open();
      this.onChange(files);
    }, QUIET_MS);
  }
}

function withSubfolders(folder: string): string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true });
    const below = entries.filter((entry) => entry.isDirectory());
    return [folder, ...below.flatMap(({ name }) => withSubfolders(join(folder, name)))];
  } catch {
    return [];
  }
}
