import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMap, isScalar, type Node, parseDocument } from 'yaml';
import { withSection } from '../bench/section.js';
import { ROOT } from '../run/settings.js';

export const PAGE = join(ROOT, 'infra/README.md');

interface Value {
  path: string;
  meaning: string;
  fallback: unknown;
}

/** The values whose comment begins with `--`, in the order of the file. */
export function valuesIn(text: string): Value[] {
  const { contents } = parseDocument(text);
  return isMap(contents) ? [...walk(contents, '')] : [];
}

function* walk(node: Node, prefix: string): Generator<Value> {
  if (!isMap(node)) return;
  for (const [index, { key, value }] of node.items.entries()) {
    if (!isScalar(key)) continue;
    // The parser attaches the comment above the first key to the map.
    const comment = key.commentBefore ?? (index === 0 ? node.commentBefore : '') ?? '';
    const path = `${prefix}${String(key.value)}`;
    const meaning = /^ *-- (.*)$/m.exec(comment)?.[1];
    if (meaning) yield { path, meaning, fallback: (value as Node | null)?.toJSON() };
    else if (value) yield* walk(value as Node, `${path}.`);
  }
}

/** The page with tables generated from values.yaml and the schema. */
export function withTables(page: string): string {
  const values = valuesIn(readFileSync(join(ROOT, 'infra/values.yaml'), 'utf8'));
  const schema = JSON.parse(readFileSync(join(ROOT, 'infra/values.schema.json'), 'utf8')) as {
    definitions: { service: { properties: Record<string, { description: string }> } };
  };
  const fields = Object.entries(schema.definitions.service.properties);
  return [
    {
      name: 'values',
      head: ['Value', 'Default', 'Meaning'],
      rows: values.map(({ path, meaning, fallback }) => [`\`${path}\``, shown(fallback), meaning]),
    },
    {
      name: 'service',
      head: ['Field', 'Meaning'],
      rows: fields.map(([field, { description }]) => [`\`${field}\``, description]),
    },
  ].reduce(
    (text, { name, head, rows }) =>
      withSection(
        text,
        name,
        [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n'),
      ),
    page,
  );
}

function shown(fallback: unknown): string {
  if (fallback === '') return '';
  return `\`${typeof fallback === 'string' ? fallback : JSON.stringify(fallback)}\``;
}
