/**
 * Rows of the ways to sign in, for so many users.
 *
 * @param idSql the id of number n of a kind
 */
export const signInRows = (users: number, idSql: (kind: string, n: string) => string): string[] => [
  `INSERT INTO totp_secrets (user_id, sealed_secret, confirmed_at)
   SELECT ${idSql('user', 'u')}, 'derived.x', now() FROM generate_series(1, ${users}) u`,
  `INSERT INTO recovery_codes (user_id, code_hash)
   SELECT ${idSql('user', 'u')}, sha256((u || '-' || c)::bytea)
     FROM generate_series(1, ${users}) u, generate_series(1, 10) c`,
  `INSERT INTO identities (provider, subject, user_id)
   SELECT 'keycloak', u, ${idSql('user', 'u')} FROM generate_series(1, ${users}) u`,
  `INSERT INTO passkeys (id, user_id, credential_id, public_key, sign_count, transports, name)
   SELECT ${idSql('passkey', 'u')}, ${idSql('user', 'u')}, 'AAAA' || u, '', 0, '{}', 'Phone'
     FROM generate_series(1, ${users}) u`,
  `INSERT INTO sign_in_tickets (token_hash, purpose, user_id, expires_at)
   SELECT sha256(u::text::bytea), 'second-factor', ${idSql('user', 'u')},
          now() + interval '1 second' * (u % 36000 - 10)
     FROM generate_series(1, ${users}) u`,
];
