import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ENVIRONMENTS, readEnvironment, readEnvironments } from './environment.js';
import { newEnvironment } from './new-environment.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'environments-'));
  cpSync(ENVIRONMENTS, folder, { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('make new-env', () => {
  it('writes a small, valid environment with a unique name', () => {
    const file = newEnvironment('demo', 'dev', folder);
    expect(readFileSync(file, 'utf8').split('\n').length).toBeLessThan(12);
    expect(readEnvironments(folder).find(({ name }) => name === 'demo')).toMatchObject({
      stage: 'dev',
      namespace: 'stylizer-demo',
      values: 'values-dev.yaml',
      overrides: { host: 'api.demo.stylizer.example' },
    });
  });

  it('sets a separate bucket and secrets for storage outside the cluster', () => {
    newEnvironment('prod-eu', 'prod', folder);
    expect(readEnvironments(folder).find(({ name }) => name === 'prod-eu')).toMatchObject({
      autoSync: false,
      overrides: {
        storage: { s3: { bucket: 'stylizer-prod-eu' } },
        secrets: { externalSecret: { data: { DATABASE_URL: { key: 'stylizer/prod-eu' } } } },
      },
    });
  });

  it('overwrites nothing', () => {
    const before = readFileSync(join(folder, 'dev.yaml'), 'utf8');
    expect(() => newEnvironment('dev', 'dev', folder)).toThrow('exists already');
    expect(readFileSync(join(folder, 'dev.yaml'), 'utf8')).toBe(before);
  });

  it.each(['', 'Demo', '-demo', 'demo-', '../prod', 'a b', 'x'.repeat(31)])(
    'refuses the name "%s"',
    (name) => {
      expect(() => newEnvironment(name, 'dev', folder)).toThrow('NAME must be');
    },
  );

  it('refuses an unknown stage, and a production name that the sync window would not match', () => {
    expect(() => newEnvironment('demo', 'live', folder)).toThrow('STAGE must be');
    expect(() => newEnvironment('demo', 'prod', folder)).toThrow('prod-…');
    expect(() => newEnvironment('prod-like', 'dev', folder)).toThrow('prod-…');
  });
});

describe('an environment', () => {
  const text = readFileSync(join(ENVIRONMENTS, 'dev.yaml'), 'utf8');

  it.each([
    ['an unknown field', `${text}\nimagetag: 1.0.0`, 'imagetag'],
    ['latest', text.replace('0.1.0', 'latest'), 'imageTag'],
    ['another namespace', text.replace('stylizer-dev', 'kube-system'), 'namespace'],
    ['a missing field', text.replace('autoSync: true', ''), 'autoSync'],
    ['a name that differs from the file name', text.replace('name: dev', 'name: demo'), 'name'],
  ])('is refused with %s', (_what, wrong, named) => {
    expect(() => readEnvironment(wrong, 'dev.yaml')).toThrow(named);
  });
});
