import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import coverage from 'istanbul-lib-coverage';
import typescript from 'typescript';
import { addChildCoverage } from './test-coverage/child-coverage.js';
import { readExceptions } from './test-coverage/exceptions.js';
import { type FileCoverage, judge, MIN_OF_FILE, percent } from './test-coverage/judge.js';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'out/coverage');
const CHILDREN = join(OUT, 'children');
const WORKSPACES = ['packages/common', 'core-service', 'inference-service'];

/** Runs the tests of a workspace; false: one failed. */
async function test(workspace: string): Promise<boolean> {
  const options = ['--coverage', '--coverageProvider=v8', '--coverageReporters=json'];
  const of = ['--collectCoverageFrom=src/**/*.ts', '--collectCoverageFrom=!**/*.spec.ts'];
  const to = `--coverageDirectory=${join(OUT, workspace)}`;
  const jest = spawn(
    'npm',
    ['run', '--silent', 'jest', '-w', workspace, '--', ...options, ...of, to],
    {
      cwd: ROOT,
      env: { ...process.env, CHILD_COVERAGE: CHILDREN },
      stdio: 'inherit',
    },
  );
  const [code] = (await once(jest, 'exit')) as [number | null];
  return code === 0;
}

/** False for a file of types and interfaces alone. */
function holdsCode(file: string): boolean {
  const compilerOptions = { removeComments: true, target: typescript.ScriptTarget.ESNext };
  const { outputText } = typescript.transpileModule(readFileSync(file, 'utf8'), {
    compilerOptions,
  });
  return outputText.trim() !== 'export {};';
}

async function measure(): Promise<Map<string, FileCoverage[]>> {
  const map = coverage.createCoverageMap();
  for (const workspace of WORKSPACES)
    map.merge(JSON.parse(await readFile(join(OUT, workspace, 'coverage-final.json'), 'utf8')));
  const known = new Set(map.files());
  await addChildCoverage(map, CHILDREN, (file) => known.has(file));
  const files = map
    .files()
    .filter(holdsCode)
    .map((file) => {
      const { total: lines, covered } = map.fileCoverageFor(file).toSummary().lines;
      return { path: relative(ROOT, file), lines, covered };
    });
  return new Map(
    WORKSPACES.map((name) => [name, files.filter(({ path }) => path.startsWith(`${name}/`))]),
  );
}

await rm(OUT, { recursive: true, force: true });
await mkdir(CHILDREN, { recursive: true });
const failed: string[] = [];
for (const workspace of WORKSPACES)
  if (!(await test(workspace))) failed.push(`The tests of ${workspace} failed.`);

const workspaces = await measure();
const exceptions = readExceptions(await readFile(join(ROOT, 'CONTRIBUTING.md'), 'utf8'));
for (const [name, files] of workspaces) {
  console.log(`${percent(files).toFixed(1).padStart(5)} % of lines  ${name}`);
  for (const file of files.filter((file) => percent([file]) < MIN_OF_FILE))
    console.log(
      `${percent([file]).toFixed(1).padStart(7)} %  ${file.path}: ${exceptions.get(file.path) ?? '?'}`,
    );
}
failed.push(...judge(workspaces, exceptions));
for (const problem of failed) console.error(problem);
process.exitCode = failed.length === 0 ? 0 : 1;
