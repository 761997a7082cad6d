import { describe, expect, it } from '@jest/globals';
import { assignments, execForm, parseDockerfile } from './dockerfile.js';

describe('a Dockerfile', () => {
  const source = `
# First
FROM node:24-slim AS build
ENV A=1 \\
    # A comment in between.
    B="two \${A}"
RUN --mount=type=cache,target=/root/.npm npm ci \\
    && true

FROM build
COPY --from=build --chown=1000 /a b/ ./
`;
  const [build, last] = parseDockerfile(source);

  it('has its stages, by name or number', () => {
    expect(build).toMatchObject({ name: 'build', base: 'node:24-slim' });
    expect(last).toMatchObject({ name: '1', base: 'build' });
  });

  it('has its continued lines joined and the comments between left out', () => {
    expect(build?.instructions.map(({ text }) => text.replace(/\s+/g, ' '))).toEqual([
      'A=1 B="two ${A}"',
      'npm ci && true',
    ]);
  });

  it('has the flags apart from the rest', () => {
    expect(last?.instructions).toEqual([
      { name: 'COPY', flags: { from: 'build', chown: '1000' }, text: '/a b/ ./' },
    ]);
  });
});

it('a variable may use those before it', () => {
  expect(assignments('A=1 B="two ${A}" C=$B', {})).toEqual({ A: '1', B: 'two 1', C: 'two 1' });
});

it('a command in the shell form is refused', () => {
  expect(execForm('["node", "dist/main.js"]')).toEqual(['node', 'dist/main.js']);
  expect(() => execForm('node dist/main.js')).toThrow('exec form');
});
