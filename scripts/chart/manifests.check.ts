import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { ROOT } from '../run/settings.js';
import { applicationsOf, readApplicationSet } from './applications.js';
import { readEnvironments } from './environment.js';
import { GOLDEN, goldenTexts } from './golden.js';
import { KUBERNETES, lint, manifestsOf, render } from './helm.js';
import { VARIANTS } from './variants.js';

const KUBECONFORM = process.env.KUBECONFORM ?? 'kubeconform';
const PLACE = '{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json';
const SCHEMAS = process.env.KUBERNETES_SCHEMAS ?? join(ROOT, '.data/go/kubernetes');
/** Third-party schemas, which are not in this repository and may be unavailable. */
const CRD_SCHEMAS = process.env.CRD_SCHEMAS ?? join(ROOT, '../shared/schemas');

const folder = mkdtempSync(join(tmpdir(), 'manifests-'));
const skipped = new Map<string, number>();
afterAll(() => {
  rmSync(folder, { recursive: true });
  const kinds = [...skipped].map(([kind, count]) => `${count} ${kind}`).sort();
  console.info(
    kinds.length
      ? `Not validated, since the schema is missing: ${kinds.join(', ')}`
      : 'All validated.',
  );
});

/** Errors found by kubeconform. Custom kinds without a schema are counted and skipped. */
function findings(text: string): string {
  const unknown = manifestsOf(text).filter(({ apiVersion, kind }) => {
    const [group = '', version = ''] = apiVersion.split('/');
    return (
      group.includes('.') &&
      !existsSync(join(SCHEMAS, group)) &&
      !existsSync(join(CRD_SCHEMAS, group, `${kind.toLowerCase()}_${version}.json`))
    );
  });
  for (const { kind } of unknown) skipped.set(kind, (skipped.get(kind) ?? 0) + 1);
  const file = join(folder, 'manifests.yaml');
  writeFileSync(file, text);
  const done = spawnSync(
    KUBECONFORM,
    [
      ...['-strict', '-kubernetes-version', KUBERNETES],
      ...['-schema-location', join(SCHEMAS, PLACE), '-schema-location', join(CRD_SCHEMAS, PLACE)],
      ...['-skip', [...new Set(unknown.map(({ kind }) => kind))].join(',')],
      file,
    ],
    { encoding: 'utf8' },
  );
  if (done.error) throw done.error;
  return done.status === 0 ? '' : `${done.stdout}${done.stderr}` || 'kubeconform failed';
}

describe.each(['dev', 'staging', 'prod'])('values-%s.yaml', (stage) => {
  const release = { valueFiles: [`values-${stage}.yaml`] };

  it('passes helm lint --strict', () => {
    expect(lint(release)).toContain('0 chart(s) failed');
  });

  it('renders valid manifests', () => {
    expect(findings(render(release))).toBe('');
  });
});

describe('every variant renders valid manifests', () => {
  it.each(VARIANTS)('%s', (_name, release) => {
    expect(lint({ ...release, isUpgrade: false })).toContain('0 chart(s) failed');
    expect(findings(render(release))).toBe('');
  });
});

describe('Argo CD', () => {
  it('gets a valid project, ApplicationSet and Applications', () => {
    const texts = [
      readFileSync(join(ROOT, 'argocd/project.yaml'), 'utf8'),
      stringify(readApplicationSet()),
      ...applicationsOf(readEnvironments()).map((application) => stringify(application)),
    ];
    expect(findings(texts.join('---\n'))).toBe('');
  });
});

describe('a broken manifest', () => {
  it.each([
    ['an unknown field', 'enableServiceLinks', 'enableServicelinks'],
    [
      'a string instead of a number',
      'terminationGracePeriodSeconds: 55',
      'terminationGracePeriodSeconds: x',
    ],
    ['a field twice', 'replicas: 2', 'replicas: 2\n  replicas: 2'],
  ])('is found: %s', (_what, right, wrong) => {
    const text = render({ values: VARIANTS[0]?.[1].values });
    expect(text).toContain(right);
    expect(() => {
      const found = findings(text.replace(right, wrong));
      if (found) throw new Error(found);
    }).toThrow();
  });
});

describe('infra/golden', () => {
  it.each([...goldenTexts()])(
    '%s equals the rendered chart (else run make chart-golden)',
    (name, text) => {
      const file = join(GOLDEN, `${name}.yaml`);
      expect(existsSync(file) ? readFileSync(file, 'utf8') : '').toBe(text);
    },
  );
});
