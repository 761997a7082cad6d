import { isScalar, parseDocument } from 'yaml';

/** The key of the image version in argocd/environments/*.yaml. */
const KEY = 'imageTag';

const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/;

/** @throws Error when the file has no image tag. */
export function imageTagOf(source: string): string {
  return String(find(source).value);
}

/**
 * The file with another image tag and otherwise unchanged, comments and layout included.
 *
 * @throws Error when the version is invalid (`1.2.3`, `1.2.3-rc.1` are valid) or the file has none.
 */
export function withImageTag(source: string, version: string): string {
  if (!VERSION.test(version)) throw new Error(`Not a version: ${version}`);
  const [from = 0, to = 0] = find(source).range ?? [];
  const quote = /^['"]/.exec(source.slice(from, to))?.[0] ?? '';
  return source.slice(0, from) + quote + version + quote + source.slice(to);
}

function find(source: string) {
  const document = parseDocument(source);
  const [error] = document.errors;
  if (error) throw new Error(`Not YAML: ${error.message}`);
  const node = document.get(KEY, true);
  if (!isScalar(node)) throw new Error(`The file has no ${KEY}.`);
  return node;
}
