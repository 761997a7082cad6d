import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'prettier';
import { ROOT } from '../run/settings.js';
import { withSection } from './section.js';

const PAGE = join(ROOT, 'docs/benchmarks.md');

/** Writes one command's section of docs/benchmarks.md and keeps the others. */
export async function writeBenchmarks(name: string, text: string): Promise<void> {
  const page = withSection(readFileSync(PAGE, 'utf8'), name, text);
  writeFileSync(PAGE, await format(page, { parser: 'markdown' }));
}
