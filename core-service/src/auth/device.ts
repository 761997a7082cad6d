/** Where a session was opened or refreshed. */
export interface Device {
  userAgent: string;
  /** Null unless SESSION_ADDRESSES. */
  address: string | null;
}

const MAX_USER_AGENT = 256;
/** A browser names those it descends from, so the order counts. */
const PROGRAMS: [RegExp, string][] = [
  [/\bEdg(?:e|A|iOS)?\//, 'Edge'],
  [/\bOPR\/|\bOpera\b/, 'Opera'],
  [/\bSamsungBrowser\//, 'Samsung Internet'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrome\/|\bCriOS\/|\bChromium\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/^python-requests\/|^python-httpx\/|^Python\b/, 'Python'],
  [/^node\b|^undici\b|^axios\//, 'Node.js'],
  [/^PostmanRuntime\//, 'Postman'],
  [/^okhttp\//, 'an Android app'],
  [/\bCFNetwork\//, 'an Apple app'],
];
const SYSTEMS: [RegExp, string][] = [
  [/\biPhone\b|\biPod\b/, 'an iPhone'],
  [/\biPad\b/, 'an iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
];

export function boundedUserAgent(header: string | undefined): string {
  // A header may hold control characters that a list should not, and no NUL fits into PostgreSQL.
  return (header ?? '').replace(/\p{Cc}/gu, ' ').slice(0, MAX_USER_AGENT);
}

/** Such as "Firefox on Linux". */
export function deviceName(userAgent: string): string {
  const nameIn = (known: [RegExp, string][]) => known.find(([form]) => form.test(userAgent))?.[1];
  const program = nameIn(PROGRAMS);
  const system = nameIn(SYSTEMS);
  if (program && system) return `${program} on ${system}`;
  return program ?? (system && `A program on ${system}`) ?? 'Unknown device';
}
