import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { Plain, ROOT } from './run/settings.js';
import { faultsOf, type Project } from './compose/rules.js';

/** What `.env` must have, and what the refusal proposes. */
const REQUIRED = {
  JWT_SECRET: 'openssl rand',
  POSTGRES_PASSWORD: 'openssl rand',
  SMTP_URL: 'MAIL_REQUIRED=false',
};
const GIVEN = Object.fromEntries(Object.keys(REQUIRED).map((name) => [name, 'given']));

function load(file: string, env: Record<string, string>) {
  const loader = join(ROOT, '.data/go/bin/compose-check');
  return spawnSync(loader, [file], { cwd: ROOT, env, encoding: 'utf8' });
}

function check(file: string): void {
  const { status, stdout, stderr } = load(file, GIVEN);
  if (status !== 0) throw new Plain(`${file} does not load:\n${stderr}`);
  const project = JSON.parse(stdout) as Project;
  const faults = faultsOf(project);
  if (faults.length) throw new Plain(`${file}:\n  ${faults.join('\n  ')}`);
  console.log(`${file}: ${Object.keys(project.services).join(', ')}`);
}

/** Compose must refuse a missing variable, naming it and what to do. */
function checkRefusals(file: string): void {
  for (const [name, proposal] of Object.entries(REQUIRED)) {
    const { status, stderr } = load(file, { ...GIVEN, [name]: '' });
    if (status === 0 || !new RegExp(`${name} is missing .*${proposal}`).test(stderr)) {
      throw new Plain(`${file} does not ask for ${name}:\n${stderr}`);
    }
  }
  console.log(`${file}: refused without ${Object.keys(REQUIRED).join(' or ')}`);
}

try {
  for (const file of ['docker-compose.yml', 'compose.dev.yml']) check(file);
  checkRefusals('docker-compose.yml');
} catch (error) {
  console.error(error instanceof Plain ? error.message : error);
  process.exitCode = 1;
}
