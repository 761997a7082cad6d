import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ROOT } from '../run/settings.js';
import { applicationsOf, readApplicationSet, releaseOf } from './applications.js';
import { readEnvironments } from './environment.js';
import { renderManifests } from './helm.js';
import { type Manifest, selects } from './manifest.js';
import { VARIANTS } from './variants.js';

const environments = readEnvironments();
const applications = applicationsOf(environments);
const named = applications.map((application): [string, Manifest] => [
  application.metadata.name,
  application,
]);
const project = parse(readFileSync(join(ROOT, 'argocd/project.yaml'), 'utf8')) as Manifest;
const { steps } = readApplicationSet().spec.strategy.rollingSync;

describe('the Applications', () => {
  it('are one for each environment', () => {
    expect(applications.map(({ metadata }) => metadata.name)).toEqual(
      environments.map(({ name }) => `stylizer-${name}`),
    );
  });

  it.each(environments)('$name has its values, image and namespace', (environment) => {
    const application = applications[environments.indexOf(environment)] as Manifest;
    expect(releaseOf(application)).toMatchObject({
      name: 'stylizer',
      namespace: environment.namespace,
      valueFiles: [environment.values],
      values: environment.overrides,
      parameters: { 'image.tag': environment.imageTag },
    });
    expect(application.spec.source.targetRevision).toBe(
      environment.stage === 'dev' ? 'main' : `v${environment.imageTag}`,
    );
  });

  it.each(environments)('$name is synced by itself only if it says so', (environment) => {
    const { syncPolicy } = (applications[environments.indexOf(environment)] as Manifest).spec;
    expect(syncPolicy.automated).toEqual(
      environment.autoSync ? { prune: true, selfHeal: true } : undefined,
    );
    expect(syncPolicy.syncOptions).toContain('CreateNamespace=true');
  });

  it.each(named)('%s is in exactly one step of a progressive sync', (_name, { metadata }) => {
    expect(steps.filter((step: object) => selects(step, metadata.labels ?? {}))).toHaveLength(1);
  });

  it('go through the steps in the order of their stages, where they go by themselves', () => {
    const stepOf = ({ metadata }: Manifest) =>
      steps.findIndex((step: object) => selects(step, metadata.labels ?? {}));
    const places = applications.filter(({ spec }) => spec.syncPolicy.automated).map(stepOf);
    expect(places).toEqual([...places].sort());
  });
});

describe('the project', () => {
  it.each(named)('lets %s go where it goes, from where it comes', (_name, { spec }) => {
    expect(project.spec.sourceRepos).toContain(spec.source.repoURL);
    expect(project.spec.destinations).toContainEqual({
      server: spec.destination.server,
      namespace: 'stylizer-*',
    });
    expect(spec.destination.namespace).toMatch(/^stylizer-/);
  });

  const allowed = project.spec.namespaceResourceWhitelist.map(
    ({ group, kind }: Record<string, string>) => `${group}/${kind}`,
  );
  const made = new Set(
    [...VARIANTS.map(([, release]) => release), ...applications.map(releaseOf)]
      .flatMap((release) => renderManifests(release))
      .filter(({ metadata }) => metadata.annotations?.['helm.sh/hook'] !== 'test')
      .map(({ apiVersion, kind }) => `${apiVersion.split('/').slice(-2, -1).join('')}/${kind}`),
  );

  it('allows the kinds that the chart makes, and no other', () => {
    expect([...allowed].sort()).toEqual([...made].sort());
  });

  it('lets nothing go to production by itself over the weekend', () => {
    expect(project.spec.syncWindows).toEqual([
      expect.objectContaining({ kind: 'deny', applications: ['stylizer-prod*'], manualSync: true }),
    ]);
  });
});
