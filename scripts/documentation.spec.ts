import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from './run/settings.js';

const documentation = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');
const example = readFileSync(join(ROOT, '.env.example'), 'utf8');

/** The variables in a service's schema. */
const variablesOf = (file: string): string[] => [
  ...new Set(
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/^ +([A-Z][A-Z0-9_]+): /gm)].map(
      ([, name = '']) => name,
    ),
  ),
];

/** The variables that docker-compose.yml reads from .env. */
const compose = [
  ...new Set(
    [
      ...readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8').matchAll(/\$\{([A-Z][A-Z0-9_]+)/g),
    ].map(([, name = '']) => name),
  ),
];

const core = variablesOf('core-service/src/config/config.ts');
const inference = variablesOf('inference-service/src/config.ts');

describe('docs/configuration.md', () => {
  it.each(core)('documents %s of the core service', (name) => {
    expect(documentation.split('## Inference service')[0]).toContain(`\`${name}\``);
  });

  it.each(inference)('documents %s of the inference service', (name) => {
    expect(documentation.split('## Inference service')[1]).toContain(`\`${name}\``);
  });

  it.each(compose)('documents %s of docker-compose.yml', (name) => {
    expect(documentation.split('## docker compose')[1]).toContain(`\`${name}\``);
  });
});

describe('.env.example', () => {
  it('names only variables that exist', () => {
    const named = [...example.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name]) => name);
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect([...core, ...compose]).toContain(name);
  });
});
