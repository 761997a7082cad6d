export interface Commit {
  hash: string;
  /** The whole message: subject, blank line, body. */
  message: string;
}

interface Change {
  type: string;
  scope: string | undefined;
  text: string;
  breaking: string | undefined;
  hash: string;
}

/** Kinds that operators care about; chores, tests and the like stay in the log. */
const SECTIONS: [title: string, types: string[]][] = [
  ['New', ['feat']],
  ['Fixes', ['fix']],
  ['Faster or smaller', ['perf']],
  ['Undone', ['revert']],
];

/** Release notes in Markdown, from conventional commits (conventionalcommits.org 1.0.0). */
export function releaseNotes(commits: Commit[]): string {
  const changes = commits.flatMap((commit) => parse(commit) ?? []);
  const breaking = changes.filter((change) => change.breaking);
  const sections = [
    section(
      'Breaking',
      breaking.map((change) => ({ ...change, text: change.breaking ?? change.text })),
    ),
    ...SECTIONS.map(([title, types]) =>
      section(
        title,
        changes.filter(({ type }) => types.includes(type)),
      ),
    ),
  ].filter(Boolean);
  return sections.length ? sections.join('\n\n') : 'No changes that users would notice.';
}

function parse({ hash, message }: Commit): Change | undefined {
  const [subject = ''] = message.split('\n', 1);
  const [, type, scope, mark, text] = /^([a-z]+)(?:\(([^)]+)\))?(!)?: (.+)$/.exec(subject) ?? [];
  if (!type || !text) return undefined;
  const [, footer] =
    /^BREAKING[ -]CHANGE: ([^]+?)(?=\n\n|\n[\w-]+: |$(?![^]))/m.exec(message) ?? [];
  const breaking = footer?.replace(/\s+/g, ' ').trim() ?? (mark ? text : undefined);
  return { type, scope, text, breaking, hash };
}

function section(title: string, changes: Change[]): string {
  if (changes.length === 0) return '';
  const lines = changes.map(
    ({ scope, text, hash }) => `- ${scope ? `**${scope}**: ` : ''}${text} (${hash.slice(0, 7)})`,
  );
  return [`## ${title}`, '', ...lines].join('\n');
}
