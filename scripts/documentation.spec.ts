import { existsSync, readFileSync } from 'node:fs';
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

describe('docs/security.md', () => {
  const security = readFileSync(join(ROOT, 'docs/security.md'), 'utf8');
  const specs = [...security.matchAll(/`((?:e2e|integration)\/[\w/-]+)`/g)].map(([, name]) => name);

  it('names tests that exist', () => {
    expect(specs.length).toBeGreaterThan(40);
    for (const name of new Set(specs))
      expect([name, existsSync(join(ROOT, `core-service/test/${name}.spec.ts`))]).toEqual([
        name,
        true,
      ]);
  });

  it('counts its requirements right', () => {
    const counted = { yes: 0, partly: 0, no: 0, 'n/a': 0 };
    for (const [, requirements = '', met] of security.matchAll(
      /^\| ([\d., ]+?) +\| (?:\*\*)?(yes|partly|no|n\/a)(?:\*\*)? +\|/gm,
    ))
      counted[met as keyof typeof counted] += requirements.split(',').length;
    const [, yes, partly, no, none] =
      /(\d+) are met, (\d+) partly, (\d+) not, and (\d+) do not apply/.exec(security) ?? [];
    expect(counted).toEqual({
      yes: Number(yes),
      partly: Number(partly),
      no: Number(no),
      'n/a': Number(none),
    });
  });
});
