import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { faultsOf } from './inspect.js';
import { type Image, Replay } from './replay.js';

let folder: string;
let context: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stylizer-replay-'));
  context = join(folder, 'context');
  mkdirSync(join(context, 'src/test'), { recursive: true });
  writeFileSync(join(context, '.dockerignore'), '*\n!src\n**/test\n');
  writeFileSync(join(context, 'src/main.js'), 'main');
  writeFileSync(join(context, 'src/test/setup.js'), 'setup');
  writeFileSync(join(context, '.env'), 'SECRET=1');
});
afterEach(() => rmSync(folder, { recursive: true }));

const build = (dockerfile: string) =>
  new Replay(dockerfile, context, join(folder, 'out'), () => undefined).build();

test('the last stage has what its steps put there, and nothing of the others', () => {
  const { root, env, workdir, user } = build(`
FROM scratch AS build
WORKDIR /app
COPY src src
ENV NAME=built
RUN --mount=type=cache,target=/root/.npm cat src/main.js > $NAME && touch rest
FROM scratch
WORKDIR /app
COPY --from=build /app/built ./
COPY --from=build /app/src service
USER 1000:1000`);
  expect(readFileSync(join(root, 'app/built'), 'utf8')).toBe('main');
  expect(readFileSync(join(root, 'app/service/main.js'), 'utf8')).toBe('main');
  expect(existsSync(join(root, 'app/rest'))).toBe(false);
  expect(existsSync(join(root, 'app/service/test'))).toBe(false);
  expect({ env, workdir, user }).toEqual({ env: {}, workdir: '/app', user: '1000:1000' });
});

test('what a later stage removes is still in the one it came from', () => {
  const { root } = build(`
FROM scratch AS build
COPY src src
FROM build AS last
RUN rm -r src`);
  expect(existsSync(join(root, 'src'))).toBe(false);
  expect(existsSync(join(root, '../build/src/main.js'))).toBe(true);
});

test('a stage that another file has too is built once', () => {
  const layers = new Map<string, Image>();
  const steps: string[] = [];
  const shared = 'FROM scratch AS packages\nCOPY src src\nRUN touch done\n';
  const [one, other] = ['one', 'other'].map((name) =>
    new Replay(
      `${shared}FROM packages\nRUN touch ${name}`,
      context,
      join(folder, name),
      (text) => steps.push(text),
      layers,
    ).build(),
  );
  expect(steps).toEqual(['RUN touch done', 'RUN touch one', 'RUN touch other']);
  expect(existsSync(join(other?.root ?? '', 'done'))).toBe(true);
  expect(existsSync(join(one?.root ?? '', 'other'))).toBe(false);
});

test.each(['apt-get install --yes tini', 'rm -rf /usr/local/lib/node_modules', 'rm "/data"'])(
  'a step that would touch this machine is noted and left out: %s',
  (command) => {
    expect(build(`FROM scratch\nRUN ${command}`).notReplayed).toEqual([command]);
  },
);

test.each([
  ['COPY .env ./', 'not in the build context'],
  ['RUN false', 'This step failed'],
  ['CMD node dist/main.js', 'exec form'],
  ['ADD https://example.com/a /', 'ADD is not replayed'],
])('%s fails, and says why', (step, reason) => {
  expect(() => build(`FROM scratch\n${step}`)).toThrow(reason);
});

test('an image with sources, a development tool, or root as its user has faults', () => {
  const image = build(`FROM scratch\nWORKDIR /app\nCOPY src core/src\nCOPY src node_modules/jest`);
  expect(faultsOf(image, 'core').map((fault) => fault.replace(folder, ''))).toEqual([
    'node_modules/jest is no dependency of production',
    expect.stringMatching(/core\/src is source$/),
    'USER root is not a number, so Kubernetes cannot tell that it is not root',
    'tini is not the entry point',
  ]);
});
