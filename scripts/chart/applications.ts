import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { ROOT } from '../run/settings.js';
import { combine } from './combine.js';
import type { Environment } from './environment.js';
import { type Release, render } from './helm.js';
import type { Manifest } from './manifest.js';

export const readApplicationSet = (): Manifest =>
  parse(readFileSync(join(ROOT, 'argocd/applicationset.yaml'), 'utf8'));

/**
 * The Applications that the ApplicationSet generates from the environments. Helm renders its templates,
 * since both use Go templates with Sprig; as in Argo CD, `.` is the content of the file.
 */
export function applicationsOf(environments: Environment[]): Manifest[] {
  const { template, templatePatch } = readApplicationSet().spec;
  const chart = mkdtempSync(join(tmpdir(), 'applications-'));
  try {
    mkdirSync(join(chart, 'templates'));
    writeFileSync(
      join(chart, 'Chart.yaml'),
      'apiVersion: v2\nname: applications\nversion: 0.0.0\n',
    );
    const within = (text: string) => `{{- with .Values }}\n${text}\n{{- end }}\n`;
    writeFileSync(join(chart, 'templates/1.yaml'), within(stringify(template, { lineWidth: 0 })));
    writeFileSync(join(chart, 'templates/2.yaml'), within(templatePatch));
    return environments.map((environment) => {
      const text = render({ chart, values: environment });
      // Argo CD refuses this, with missingkey=error.
      if (text.includes('<no value>')) throw new Error(`a field is missing:\n${text}`);
      const [application, patch] = text
        .split(/^---$/m)
        .slice(1)
        .map((part) => parse(part));
      const head = { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' };
      return combine({ ...head, ...application }, patch) as unknown as Manifest;
    });
  } finally {
    rmSync(chart, { recursive: true });
  }
}

/** The release that Argo CD renders with Helm for the Application. */
export function releaseOf({ spec }: Manifest): Release {
  const { helm } = spec.source;
  return {
    name: helm.releaseName,
    namespace: spec.destination.namespace,
    valueFiles: helm.valueFiles,
    values: helm.valuesObject,
    parameters: Object.fromEntries(
      helm.parameters.map(({ name, value }: Record<string, string>) => [name, value]),
    ),
  };
}
