import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { startBenchSystem } from './bench/system.js';
import { ROOT } from './run/settings.js';

const FOLDER = join(ROOT, 'scripts/api-check');
/** The document's example, so that the login example succeeds. */
const CREDENTIALS = { email: 'ada@example.com', password: 'correct horse battery' };

/** Runs Schemathesis, at SCHEMATHESIS, against the built services on a fresh database. */
const system = await startBenchSystem({
  NODE_ENV: 'test',
  BCRYPT_COST: '4',
  SIGN_UP_GRANT: '1000000',
  CUSTOM_STYLES_PER_USER: '1000',
  API_KEYS_PER_USER: '1000',
  RATE_LIMIT_REGISTER_PER_MINUTE: '1000000',
  RATE_LIMIT_REGISTER_NETWORK_PER_MINUTE: '1000000',
  RATE_LIMIT_LOGIN_FAILURES: '1000000',
  RATE_LIMIT_LOGIN_ACCOUNT_FAILURES: '1000000',
});
try {
  const document = `${system.coreUrl}/docs/openapi.json`;
  const token = await register();
  // Else the routes of operators would refuse everything.
  system.makeOperator(CREDENTIALS.email);
  process.exitCode = await schemathesis(document, token, process.argv.slice(2));
} finally {
  await system.stop();
}

async function register(): Promise<string> {
  const response = await fetch(`${system.coreUrl}/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(CREDENTIALS),
  });
  if (!response.ok) throw new Error(`register: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { accessToken: string }).accessToken;
}

async function schemathesis(document: string, token: string, options: string[]): Promise<number> {
  const child = spawn(
    process.env.SCHEMATHESIS || 'schemathesis',
    ['--config-file', join(FOLDER, 'schemathesis.toml'), 'run', document, ...options],
    {
      // Path to its hooks.
      cwd: FOLDER,
      env: {
        ...process.env,
        API_TOKEN: token,
        SCHEMATHESIS_HOOKS: 'hooks',
        PYTHONPATH: FOLDER,
        PYTHONDONTWRITEBYTECODE: '1',
      },
      stdio: 'inherit',
    },
  );
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
