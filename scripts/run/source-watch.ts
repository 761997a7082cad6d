import { type FSWatcher, watch } from 'chokidar';

/** An editor saves in several steps, and a checkout writes many files. */
const QUIET_MS = 150;

/** Calls back with the changed sources after changes have settled. */
export function watchSources(folders: string[], onChange: (files: string[]) => void): FSWatcher {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const watcher = watch(folders, {
    ignoreInitial: true,
    ignored: (path, stats) => !!stats?.isFile() && !/(?<!\.spec)\.(ts|js|json)$/.test(path),
  });
  watcher.on('all', (_event, path) => {
    changed.add(path);
    clearTimeout(timer);
    timer = setTimeout(() => {
      if (!watcher.closed) onChange([...changed]);
      changed.clear();
    }, QUIET_MS);
  });
  return watcher;
}
