/** Lines of aligned columns under a heading, with numbers to the right. */
export function table(heading: string[], rows: (string | number)[][]): string {
  const cells = [heading, ...rows.map((row) => row.map(String))];
  const widths = heading.map((_, column) =>
    Math.max(...cells.map((row) => row[column]?.length ?? 0)),
  );
  const numeric = heading.map((_, column) => rows.every((row) => typeof row[column] === 'number'));
  const line = (row: string[]) =>
    row
      .map((text, column) =>
        numeric[column] ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join('   ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('   ');
  return [line(heading), rule, ...cells.slice(1).map(line)].map((text) => `  ${text}`).join('\n');
}
