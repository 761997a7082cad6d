import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { applicationsOf, releaseOf } from './applications.js';
import { readEnvironments } from './environment.js';
import { CHART, render } from './helm.js';

export const GOLDEN = join(CHART, 'golden');

/** What Argo CD would apply, by the name of the environment. */
export const goldenTexts = (): Map<string, string> => {
  const environments = readEnvironments();
  const applications = applicationsOf(environments);
  return new Map(
    environments.map(({ name }, index) => {
      const application = applications[index];
      if (!application) throw new Error(`${name} has no Application`);
      return [name, render(releaseOf(application))];
    }),
  );
};

export function writeGolden(): void {
  rmSync(GOLDEN, { recursive: true, force: true });
  mkdirSync(GOLDEN, { recursive: true });
  for (const [name, text] of goldenTexts()) writeFileSync(join(GOLDEN, `${name}.yaml`), text);
}
