import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { Plain } from '../run/settings.js';
import {
  type Environment,
  ENVIRONMENTS,
  isName,
  readEnvironment,
  type Stage,
  STAGES,
} from './environment.js';

const isStage = (stage: string): stage is Stage => (STAGES as readonly string[]).includes(stage);

/**
 * Writes argocd/environments/<name>.yaml with the image of the stage's first environment, and values
 * that environments of one stage must not share.
 *
 * @throws Plain when the name or stage is invalid or the environment exists.
 */
export function newEnvironment(name: string, stage: string, folder = ENVIRONMENTS): string {
  if (!isName(name))
    throw new Plain('NAME must be 1 to 30 lower-case letters, digits and hyphens, such as demo.');
  if (!isStage(stage)) throw new Plain(`STAGE must be one of ${STAGES.join(', ')}.`);
  const file = join(folder, `${name}.yaml`);
  if (existsSync(file)) throw new Plain(`${name}.yaml exists already.`);
  const model = readEnvironment(
    readFileSync(join(folder, `${stage}.yaml`), 'utf8'),
    `${stage}.yaml`,
  );
  const text = stringify({
    ...model,
    name,
    namespace: `stylizer-${name}`,
    overrides: overridesOf(name, stage),
  } satisfies Environment);
  readEnvironment(text, `${name}.yaml`);
  writeFileSync(file, text, { flag: 'wx' });
  return file;
}

function overridesOf(name: string, stage: Stage): Record<string, unknown> {
  const host = `api.${name}.stylizer.example`;
  if (stage === 'dev') return { host };
  const at = (property: string) => ({ key: `stylizer/${name}`, property });
  const data = {
    JWT_SECRET: at('jwt-secret'),
    SMTP_URL: at('smtp-url'),
    ...(stage === 'prod' && { DATABASE_URL: at('database-url') }),
  };
  return {
    host,
    storage: { s3: { bucket: `stylizer-${name}` } },
    secrets: { externalSecret: { data } },
  };
}
