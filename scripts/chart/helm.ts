import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';
import { ROOT } from '../run/settings.js';
import type { Manifest } from './manifest.js';

export const CHART = join(ROOT, 'infra');
/** The Kubernetes version to render and validate for; set by `make chart-check`. */
export const KUBERNETES = process.env.KUBERNETES_VERSION ?? '1.33.0';
const HELM = process.env.HELM ?? 'helm';

export interface Release {
  name?: string;
  namespace?: string;
  /** Files in infra/. */
  valueFiles?: string[];
  /** Override the files. */
  values?: object;
  /** Name to value, as with `--set-string`; override everything. */
  parameters?: Record<string, string>;
  isUpgrade?: boolean;
  chart?: string;
}

const KUBE_VERSION = ['--kube-version', KUBERNETES];

/** The manifests that helm would install, as one text. @throws Error with helm's message on failure. */
export function render(release: Release = {}): string {
  return helm(release, (args) => [
    ...['template', release.name ?? 'stylizer', release.chart ?? CHART],
    ...['--namespace', release.namespace ?? 'stylizer-test', ...args],
    ...(release.isUpgrade ? ['--is-upgrade'] : []),
  ]);
}

export const manifestsOf = (text: string): Manifest[] =>
  parseAllDocuments(text, { uniqueKeys: true })
    .map((document) => {
      if (document.errors[0]) throw document.errors[0];
      return document.toJS() as Manifest | null;
    })
    .filter((manifest) => manifest !== null);

export const renderManifests = (release?: Release): Manifest[] => manifestsOf(render(release));

/** @throws with helm's findings. */
export const lint = (release: Release): string =>
  helm(release, (args) => ['lint', '--strict', release.chart ?? CHART, ...args]);

function helm(release: Release, command: (args: string[]) => string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'values-'));
  try {
    const values = join(folder, 'values.yaml');
    writeFileSync(values, stringify(release.values ?? {}));
    const args = [
      ...KUBE_VERSION,
      ...(release.valueFiles ?? []).flatMap((file) => ['--values', join(CHART, file)]),
      ...['--values', values],
      ...Object.entries(release.parameters ?? {}).flatMap(([name, value]) => [
        '--set-string',
        `${name}=${value}`,
      ]),
    ];
    const done = spawnSync(HELM, command(args), { encoding: 'utf8', maxBuffer: 64 << 20 });
    if (done.error) throw done.error;
    if (done.status !== 0) throw new Error(`${done.stderr}\n${done.stdout}`.trim());
    return done.stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
