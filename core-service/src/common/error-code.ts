/**
 * The `code` of a system or library error. Told by its shape, not by `instanceof`: Node's own
 * errors are of another realm wherever code runs in a `vm` context, as in Jest.
 */
export function errorCode(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
