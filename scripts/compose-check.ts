import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Plain, ROOT } from './run/settings.js';
import { faultsOf, type Project } from './compose/rules.js';

const SECRETS = { JWT_SECRET: 'a', POSTGRES_PASSWORD: 'b' };

function load(file: string, env: Record<string, string>) {
  const loader = join(ROOT, '.data/go/bin/compose-check');
  return spawnSync(loader, [file], { cwd: ROOT, env, encoding: 'utf8' });
}

function check(file: string): void {
  const { status, stdout, stderr } = load(file, SECRETS);
  if (status !== 0) throw new Plain(`${file} does not load:\n${stderr}`);
  const project = JSON.parse(stdout) as Project;
  const faults = faultsOf(project);
  if (faults.length) throw new Plain(`${file}:\n  ${faults.join('\n  ')}`);
  console.log(`${file}: ${Object.keys(project.services).join(', ')}`);
}

/** Compose must refuse a missing secret, naming the variable and a command that generates one. */
function checkRefusals(file: string): void {
  for (const name of Object.keys(SECRETS)) {
    const { status, stderr } = load(file, { ...SECRETS, [name]: '' });
    if (status === 0 || !new RegExp(`${name} is missing .*openssl rand`).test(stderr)) {
      throw new Plain(`${file} does not ask for ${name}:\n${stderr}`);
    }
  }
  console.log(`${file}: refused without ${Object.keys(SECRETS).join(' or ')}`);
}

try {
  for (const file of ['docker-compose.yml', 'compose.dev.yml']) check(file);
  checkRefusals('docker-compose.yml');
} catch (error) {
  console.error(error instanceof Plain ? error.message : error);
  process.exitCode = 1;
}
