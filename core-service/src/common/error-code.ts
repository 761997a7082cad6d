/**
 * The `code` of a system or library error. Checked by shape, not by `instanceof`: in a `vm`
 * context, as in Jest, Node's errors come from another realm.
 */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
