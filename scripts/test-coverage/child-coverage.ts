import { readdir, readFile } from 'node:fs/promises';
import type { Profiler } from 'node:inspector';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CoverageMap } from 'istanbul-lib-coverage';
import v8ToIstanbul from 'v8-to-istanbul';

/** What Node writes to `NODE_V8_COVERAGE` when a process or thread ends. */
interface Dump {
  result: Profiler.ScriptCoverage[];
  'source-map-cache'?: Record<string, SourceMapEntry>;
}

interface SourceMapEntry {
  lineLengths: number[];
  data: object | null;
}

/**
 * Adds what the processes and threads that tests started have run. Each dump is mapped with its own source maps,
 * since not all of them compile the sources in the same way.
 */
export async function addChildCoverage(
  map: CoverageMap,
  folder: string,
  wanted: (file: string) => boolean,
): Promise<void> {
  for (const name of await readdir(folder)) {
    const dump = JSON.parse(await readFile(join(folder, name), 'utf8')) as Dump;
    for (const { url, functions } of dump.result) {
      const { lineLengths, data } = dump['source-map-cache']?.[url] ?? {};
      if (!lineLengths || !data || !wanted(fileURLToPath(url))) continue;
      // The compiled text is gone; its line lengths are enough to find positions in it.
      const source = lineLengths.map((length) => `${'.'.repeat(length)}\n`).join('');
      const sources = { source, sourceMap: { sourcemap: data } };
      const file = v8ToIstanbul(fileURLToPath(url), 0, sources as never);
      await file.load();
      file.applyCoverage(functions);
      map.merge(file.toIstanbul());
    }
  }
}
