import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { Plain, ROOT } from '../run/settings.js';

/** Stages in the order of promotion. */
export const STAGES = ['dev', 'staging', 'prod'] as const;
export type Stage = (typeof STAGES)[number];

/** A file in argocd/environments. */
export interface Environment {
  name: string;
  stage: Stage;
  /** URL of the cluster's API in Argo CD. */
  cluster: string;
  namespace: string;
  /** Values file in infra/. */
  values: string;
  imageTag: string;
  /** false: syncs are started by hand. */
  autoSync: boolean;
  /** Values for this environment only. */
  overrides: Record<string, unknown>;
}

export const ENVIRONMENTS = join(ROOT, 'argocd/environments');

const FIELDS: Record<keyof Environment, (value: unknown, all: Partial<Environment>) => boolean> = {
  name: (value) => isText(value) && isName(value),
  stage: (value) => (STAGES as readonly unknown[]).includes(value),
  cluster: (value) => isText(value) && /^https:\/\/\S+$/.test(value),
  namespace: (value, { name }) => value === `stylizer-${name}`,
  values: (value) => isText(value) && /^values-[a-z0-9-]+\.yaml$/.test(value),
  imageTag: (value) => isText(value) && /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(value),
  autoSync: (value) => typeof value === 'boolean',
  overrides: (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
};

const isText = (value: unknown): value is string => typeof value === 'string';

/** Part of a namespace's name; `stylizer-` comes before it. */
export const isName = (name: string): boolean => /^[a-z]([a-z0-9-]{0,28}[a-z0-9])?$/.test(name);

/** @throws Plain naming every invalid field. */
export function readEnvironment(text: string, file: string): Environment {
  const read = (parse(text) ?? {}) as Partial<Environment>;
  const wrong = [
    ...Object.keys(read).filter((field) => !(field in FIELDS)),
    ...Object.entries(FIELDS)
      .filter(([field, fits]) => !fits(read[field as keyof Environment], read))
      .map(([field]) => field),
  ];
  if (file !== `${read.name}.yaml`) wrong.push('name (it is the name of the file)');
  // The project's sync window selects by name.
  if ((read.stage === 'prod') !== /^prod(-|$)/.test(read.name ?? ''))
    wrong.push('stage (prod is for prod and prod-…, and these for it)');
  if (wrong.length) throw new Plain(`${file}: unknown or wrong: ${wrong.join(', ')}`);
  return read as Environment;
}

export function readEnvironments(folder = ENVIRONMENTS): Environment[] {
  return readdirSync(folder)
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => readEnvironment(readFileSync(join(folder, file), 'utf8'), file))
    .sort((one, other) => STAGES.indexOf(one.stage) - STAGES.indexOf(other.stage));
}
