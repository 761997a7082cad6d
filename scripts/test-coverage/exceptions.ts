const HEADING = '## Files with less than 70 % of their lines tested';

/** Path to reason, of a section with lines such as "- `path`: reason". */
export function readExceptions(markdown: string): Map<string, string> {
  const [, section = ''] = markdown.split(`${HEADING}\n`);
  const [list = ''] = section.split('\n## ');
  return new Map(
    [...list.matchAll(/^- `([^`]+)`: (.+)$/gm)].map(([, path = '', reason = '']) => [path, reason]),
  );
}
