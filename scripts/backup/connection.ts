/** The pg package's `no-verify` is `require` in libpq. */
const SSL_MODES: Record<string, string> = { 'no-verify': 'require' };

/**
 * A postgres:// URL as environment variables for PostgreSQL's programs. On a command line, every user
 * of the machine could see the password.
 */
export function libpqEnvironment(databaseUrl: string): Record<string, string> {
  const url = new URL(databaseUrl);
  const sslMode = url.searchParams.get('sslmode');
  return {
    PGHOST: url.hostname.replace(/^\[|\]$/g, ''),
    PGPORT: url.port || '5432',
    PGUSER: decodeURIComponent(url.username),
    PGPASSWORD: decodeURIComponent(url.password),
    PGDATABASE: databaseOf(databaseUrl),
    ...(sslMode && { PGSSLMODE: SSL_MODES[sslMode] ?? sslMode }),
  };
}

export const databaseOf = (databaseUrl: string): string =>
  decodeURIComponent(new URL(databaseUrl).pathname.slice(1));

/** The same server and user with another database. */
export function withDatabase(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}
