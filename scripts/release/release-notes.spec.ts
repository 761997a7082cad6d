import { expect, test } from '@jest/globals';
import { releaseNotes } from './release-notes.js';

const commits = (...messages: string[]) =>
  messages.map((message, index) => ({ hash: `${index}`.repeat(40), message }));

test('changes that users notice are listed under headings, with scope and commit', () => {
  const notes = releaseNotes(
    commits('feat(core): webhooks', 'fix: a leak', 'chore: tidy', 'perf(inference): fewer copies'),
  );
  expect(notes).toBe(
    '## New\n\n- **core**: webhooks (0000000)\n\n' +
      '## Fixes\n\n- a leak (1111111)\n\n' +
      '## Faster or smaller\n\n- **inference**: fewer copies (3333333)',
  );
});

test.each([
  ['marked with !', 'feat(core)!: prices in cents', 'prices in cents'],
  [
    'marked by its footer, whose text is used',
    'feat: prices\n\nWhy.\n\nBREAKING CHANGE: prices are\nin cents now\nRefs: #7',
    'prices are in cents now',
  ],
  ['even if it is not a feature', 'refactor!: drop Node 22', 'drop Node 22'],
])('a breaking change comes first, %s', (_how, message, text) => {
  const notes = releaseNotes(commits(message));
  expect(notes.startsWith('## Breaking\n')).toBe(true);
  expect(notes.split('\n')[2]).toContain(`${text} (0000000)`);
});

test('a message that is not conventional is skipped, and empty notes say so', () => {
  expect(releaseNotes(commits('Merge branch main', 'docs: a word'))).toBe(
    'No changes that users would notice.',
  );
});
