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
  it('are generated once per environment', () => {
    expect(applications.map(({ metadata }) => metadata.name)).toEqual(
      environments.map(({ name }) => `stylizer-${name}`),
    );
  });

  it.each(environments)('use the values, image and namespace of $name', (environment) => {
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

  it.each(environments)('sync $name automatically only if it enables that', (environment) => {
    const { syncPolicy } = (applications[environments.indexOf(environment)] as Manifest).spec;
    expect(syncPolicy.automated).toEqual(
      environment.autoSync ? { prune: true, selfHeal: true } : undefined,
    );
    expect(syncPolicy.syncOptions).toContain('CreateNamespace=true');
  });

  it.each(named)('include %s in exactly one step of a progressive sync', (_name, { metadata }) => {
    expect(steps.filter((step: object) => selects(step, metadata.labels ?? {}))).toHaveLength(1);
  });

  it('run the steps in the order of the stages, if synced automatically', () => {
    const stepOf = ({ metadata }: Manifest) =>
      steps.findIndex((step: object) => selects(step, metadata.labels ?? {}));
    const places = applications.filter(({ spec }) => spec.syncPolicy.automated).map(stepOf);
    expect(places).toEqual([...places].sort());
  });
});

describe('the project', () => {
  it.each(named)('allows the source and destination of %s', (_name, { spec }) => {
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

  it('allows only the kinds that the chart creates', () => {
    expect([...allowed].sort()).toEqual([...made].sort());
  });

  it('blocks automatic syncs to production on weekends', () => {
    expect(project.spec.syncWindows).toEqual([
      expect.objectContaining({ kind: 'deny', applications: ['stylizer-prod*'], manualSync: true }),
    ]);
  });
});
