import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applicationsOf, releaseOf } from './applications.js';
import { readEnvironments } from './environment.js';
import { CHART, render } from './helm.js';

export const GOLDEN = join(CHART, 'golden');

/** A version that does not exist, so that promoting a release changes no golden file. */
const TAG = '0.0.0';

/** The manifests that Argo CD would apply in the first environment of each stage. */
export const goldenTexts = (): Map<string, string> => {
  const environments = readEnvironments()
    .filter(({ name, stage }) => name === stage)
    .map((environment) => ({ ...environment, imageTag: TAG }));
  return new Map(
    applicationsOf(environments).map((application) => [
      application.metadata.name.replace('stylizer-', ''),
      render(releaseOf(application)),
    ]),
  );
};

export function writeGolden(): void {
  rmSync(GOLDEN, { recursive: true, force: true });
  mkdirSync(GOLDEN, { recursive: true });
  for (const [name, text] of goldenTexts()) writeFileSync(join(GOLDEN, `${name}.yaml`), text);
}
