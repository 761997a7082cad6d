import { z } from 'zod';

/** The environment does not match the schema. The message names variables, never their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the environment through a schema. An empty variable counts as absent, so that
 * `NAME=` in an env file means "the default".
 *
 * @throws ConfigError naming each bad or missing variable and what it must be.
 */
export function loadConfig<T extends z.ZodType>(
  schema: T,
  env: Record<string, string | undefined> = process.env,
): z.output<T> {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(present);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    (issue) => `  ${issue.path.join('.') || '(environment)'}: ${issue.message}`,
  );
  throw new ConfigError(`The configuration is not valid:\n${lines.join('\n')}`);
}

/** `true`/`false`, `1`/`0`, `yes`/`no`. */
export const flag = (fallback: boolean) => z.stringbool().default(fallback);

/** A whole number in [min, max]. */
export const wholeNumber = (fallback: number, min = 0, max = Number.MAX_SAFE_INTEGER) =>
  z.coerce
    .number('must be a number')
    .int('must be a whole number')
    .min(min)
    .max(max)
    .default(fallback);

/** A TCP port; 0 lets the system choose. */
export const port = (fallback: number) => wholeNumber(fallback, 0, 65_535);
