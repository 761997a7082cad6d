import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ROOT } from '../run/settings.js';
import { podsOf } from './manifest.js';
import { ofKind, rendered } from './rendered.js';

describe('names shared with the code', () => {
  const source = (file: string) => readFileSync(join(ROOT, file), 'utf8');
  const variablesOf = (file: string) =>
    [...source(file).matchAll(/^ +([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name);
  const known = {
    core: [
      ...variablesOf('core-service/src/config/config.ts'),
      'TMPDIR',
      'NEW_RELIC_LOG',
      'NODE_EXTRA_CA_CERTS',
      'POSTGRES_PASSWORD',
    ],
    inference: [...variablesOf('inference-service/src/config.ts'), 'TMPDIR', 'MALLOC_ARENA_MAX'],
  };

  it.each(['core', 'inference'] as const)('the variables of %s', (kind) => {
    const used = rendered
      .flatMap(({ manifests }) => podsOf(manifests))
      .filter(({ labels }) => labels['stylizer.dev/kind'] === kind)
      .flatMap((pod) => pod.spec.containers.flatMap(({ env = [] }) => env.map(({ name }) => name)));
    expect(used.length).toBeGreaterThan(10);
    expect([...new Set(used)].filter((name) => !known[kind].includes(name))).toEqual([]);
  });

  it('the connection by which KEDA detects a new core process', () => {
    expect(source('infra/templates/deployment/_queue.tpl')).toContain("= 'stylizer-listen'");
    expect(source('core-service/src/database/notifications.ts')).toContain(
      "application_name: 'stylizer-listen'",
    );
  });

  it('the metrics in rules and analyses', () => {
    const exported = [
      'core-service/src/metrics/metrics.ts',
      'core-service/src/transformations/transformations.module.ts',
      'inference-service/src/metrics.ts',
    ].map(source);
    const texts = rendered
      .flatMap(({ manifests }) => ofKind(manifests, 'PrometheusRule', 'AnalysisTemplate'))
      .map(({ spec }) => JSON.stringify(spec));
    const names = new Set(
      texts
        .flatMap((text) => [...text.matchAll(/\b([a-z]+(?:_[a-z]+)+)\{/g)])
        .map(([, name = '']) => name.replace(/_(count|sum|bucket)$/, '')),
    );
    expect(names.size).toBeGreaterThan(4);
    for (const name of names)
      expect({ name, there: exported.some((code) => code.includes(`'${name}'`)) }).toEqual({
        name,
        there: true,
      });
  });
});
