/** Seconds. */
const WAIT = { default: 30, max: 60 } as const;

export interface Preferences {
  /** How long the client waits for the result, in milliseconds; 0: not at all. */
  waitMs: number;
  /** The client wants the JPG itself. */
  jpeg: boolean;
}

/**
 * `Prefer: respond-async` and `Prefer: wait=N` (RFC 7240, sections 4.1 and 4.3; N is capped at 60 s;
 * unknown preferences are ignored, as section 2 requires), and `Accept`.
 */
export function preferencesOf(headers: { prefer?: unknown; accept?: unknown }): Preferences {
  return {
    waitMs: waitSeconds(String(headers.prefer ?? '')) * 1000,
    jpeg: wantsJpeg(headers.accept),
  };
}

function waitSeconds(prefer: string): number {
  const preferences = prefer.split(/[,;]/).map((part) => part.trim().toLowerCase());
  const wait = preferences
    .map((part) => /^wait\s*=\s*"?(\d{1,9})"?$/.exec(part)?.[1])
    .find(Boolean);
  if (wait !== undefined) return Math.min(Number(wait), WAIT.max);
  return preferences.includes('respond-async') ? 0 : WAIT.default;
}

/** Whether image/jpeg is accepted by name and preferred at least as much as JSON (RFC 9110, section 12.5.1). */
function wantsJpeg(accept: unknown): boolean {
  if (typeof accept !== 'string') return false;
  const quality = new Map(
    accept.split(',').map((range) => {
      const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
      const q = parameters.map((part) => /^q=([\d.]+)$/.exec(part)?.[1]).find(Boolean);
      return [type, q === undefined ? 1 : Number(q)] as const;
    }),
  );
  const jpeg = quality.get('image/jpeg') ?? quality.get('image/*') ?? 0;
  return jpeg > 0 && jpeg >= (quality.get('application/json') ?? 0);
}
