/**
 * The page with the part between `name`'s markers replaced, or appended if missing. Several commands
 * write to one page, each only to its own section.
 */
export function withSection(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: begin -->`, `<!-- ${name}: end -->`];
  const section = `${begin}\n\n${text.trim()}\n\n${end}`;
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 && page.includes(end)) throw new Error(`The page has ${end} without its beginning.`);
  if (from < 0) return `${page.trimEnd()}\n\n${section}\n`;
  if (to < 0) throw new Error(`The page has ${begin} without its end.`);
  return page.slice(0, from) + section + page.slice(to + end.length);
}
