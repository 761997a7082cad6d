/**
 * The release after which the notes of `tag` begin. The notes of a final release (v1.2.0) cover
 * everything since the previous final release, whatever candidates (v1.2.0-rc.1) there were.
 *
 * @param tags All earlier tags in its history, newest version first, as git sorts them.
 */
export function tagBefore(tag: string, tags: string[]): string | undefined {
  const isFinal = (name: string) => !name.includes('-');
  const older = tags.slice(tags.indexOf(tag) + 1);
  return isFinal(tag) ? older.find(isFinal) : older[0];
}
