import type { z } from 'zod';

/** Origins of web pages: scheme, host and port alone (RFC 6454), comma-separated. */
export function origins(text: string, context: z.RefinementCtx): string[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
  for (const entry of entries)
    if (!/^https?:\/\//.test(entry) || !URL.canParse(entry) || new URL(entry).origin !== entry)
      context.addIssue({
        code: 'custom',
        message: 'must be origins like https://app.example.com, comma-separated, without a path',
      });
  return entries;
}
