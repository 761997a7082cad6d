import { isScalar, parseDocument } from 'yaml';

/** Where an environment's file may say which images it runs. */
const PLACES = [['imageTag'], ['image', 'tag'], ['values', 'image', 'tag']];

const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** @throws Error unless the file says it in one place. */
export function imageTagOf(source: string): string {
  return String(find(source).node.value);
}

/**
 * The file with another image tag, and otherwise as it was, comments and layout included.
 *
 * @throws Error when the version is none (`1.2.3`, `1.2.3-rc.1`), or the file says it in no one place.
 */
export function withImageTag(source: string, version: string): string {
  if (!VERSION.test(version)) throw new Error(`Not a version: ${version}`);
  const { node } = find(source);
  const [from = 0, to = 0] = node.range ?? [];
  const quote = /^['"]/.exec(source.slice(from, to))?.[0] ?? '';
  return source.slice(0, from) + quote + version + quote + source.slice(to);
}

function find(source: string) {
  const document = parseDocument(source);
  const [error] = document.errors;
  if (error) throw new Error(`Not YAML: ${error.message}`);
  const found = PLACES.map((place) => document.getIn(place, true)).filter(isScalar);
  const [node] = found;
  if (!node || found.length > 1) {
    const places = PLACES.map((place) => place.join('.')).join(', ');
    throw new Error(
      `The image tag stands in ${found.length} places; it must be in one of ${places}`,
    );
  }
  return { node };
}
