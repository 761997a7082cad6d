/**
 * The release that the notes of `tag` begin after. A final one (v1.2.0) tells everything since the
 * final one before it, whatever candidates (v1.2.0-rc.1) there were.
 *
 * @param tags All that lie behind it in history, newest version first, as git sorts them.
 */
export function tagBefore(tag: string, tags: string[]): string | undefined {
  const isFinal = (name: string) => !name.includes('-');
  const older = tags.slice(tags.indexOf(tag) + 1);
  return isFinal(tag) ? older.find(isFinal) : older[0];
}
