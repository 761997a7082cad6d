import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { imageTagOf, withImageTag } from './release/image-tag.js';
import { type Commit, releaseNotes } from './release/release-notes.js';
import { tagBefore } from './release/tag-before.js';

const USAGE = `usage: release.ts notes TAG           the notes of the release TAG, since the tag before it
       release.ts tag FILE            the image tag of an environment
       release.ts tag FILE VERSION    sets it`;

const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' });

function commitsOf(tag: string): Commit[] {
  // Without this setting git sorts v1.0.0-rc.1 as newer than v1.0.0.
  const order = ['-c', 'versionsort.suffix=-'];
  const tags = git(...order, 'tag', '--list', 'v*', '--merged', tag, '--sort=-version:refname');
  const before = tagBefore(tag, tags.split('\n').filter(Boolean));
  const range = before ? `${before}..${tag}` : tag;
  return git('log', '--no-merges', '--format=%H%n%B%x00', range)
    .split('\0')
    .map((entry) => entry.trim())
    .filter(Boolean)
    .map((entry) => ({ hash: entry.slice(0, 40), message: entry.slice(41) }));
}

function main([command, subject, version]: string[]): void {
  if (command === 'notes' && subject) console.log(releaseNotes(commitsOf(subject)));
  else if (command === 'tag' && subject && version)
    writeFileSync(subject, withImageTag(readFileSync(subject, 'utf8'), version));
  else if (command === 'tag' && subject) console.log(imageTagOf(readFileSync(subject, 'utf8')));
  else throw new Error(USAGE);
}

try {
  main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
