import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Authenticator apps, recovery codes, passkeys, identities of OpenID providers, and sign-ins that are half done. */
export class WaysToSignIn1764420000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- Null: the account has no password and is signed in to by other ways.
      ALTER TABLE users ALTER COLUMN password_hash DROP NOT NULL;

      -- No foreign key: a login would lock its user.
      CREATE TABLE sign_in_tickets (
        token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
        purpose text NOT NULL,
        user_id uuid,
        data jsonb NOT NULL DEFAULT '{}',
        wrong_answers integer NOT NULL DEFAULT 0,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX sign_in_tickets_expires_at_idx ON sign_in_tickets (expires_at);

      CREATE TABLE totp_secrets (
        user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
        sealed_secret text NOT NULL,
        confirmed_at timestamptz,
        -- Time step of the last code that was used (RFC 6238, section 5.2).
        last_step bigint NOT NULL DEFAULT 0,
        failures integer NOT NULL DEFAULT 0,
        blocked_until timestamptz
      );
      CREATE TABLE recovery_codes (
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        code_hash bytea NOT NULL CHECK (length(code_hash) = 32),
        PRIMARY KEY (user_id, code_hash)
      );

      CREATE TABLE identities (
        provider text NOT NULL,
        subject text NOT NULL,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        email text,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT identities_pkey PRIMARY KEY (provider, subject),
        CONSTRAINT identities_user_provider_key UNIQUE (user_id, provider)
      );

      CREATE TABLE passkeys (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        -- base64url
        credential_id text NOT NULL CONSTRAINT passkeys_credential_id_key UNIQUE,
        public_key bytea NOT NULL,
        sign_count bigint NOT NULL,
        transports text[] NOT NULL,
        name text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        last_used_at timestamptz
      );
      CREATE INDEX passkeys_user_id_idx ON passkeys (user_id);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE passkeys, identities, recovery_codes, totp_secrets, sign_in_tickets;
      -- Matches no password, as in /etc/shadow.
      UPDATE users SET password_hash = '!' WHERE password_hash IS NULL;
      ALTER TABLE users ALTER COLUMN password_hash SET NOT NULL;
    `);
  }
}
