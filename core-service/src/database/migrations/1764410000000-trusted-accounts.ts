import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One-time tokens sent by mail, changes of e-mail address, and what the list of sessions shows. */
export class TrustedAccounts1764410000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE one_time_tokens (
        token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
        user_id uuid NOT NULL REFERENCES users ON DELETE CASCADE,
        purpose text NOT NULL CHECK (purpose IN
          ('verify-email', 'reset-password', 'confirm-old-email', 'confirm-new-email')),
        -- The account's address when it was sent. The token ends when that changes.
        email text NOT NULL,
        expires_at timestamptz NOT NULL,
        CONSTRAINT one_time_tokens_one_per_purpose UNIQUE (user_id, purpose)
      );
      CREATE INDEX one_time_tokens_expires_at_idx ON one_time_tokens (expires_at);

      CREATE TABLE email_changes (
        user_id uuid PRIMARY KEY REFERENCES users ON DELETE CASCADE,
        new_email text NOT NULL CHECK (new_email = lower(new_email)),
        old_confirmed boolean NOT NULL DEFAULT false,
        new_confirmed boolean NOT NULL DEFAULT false,
        expires_at timestamptz NOT NULL
      );
      CREATE INDEX email_changes_expires_at_idx ON email_changes (expires_at);

      -- Counts changes of the password, so that a login that began before one does not end after it.
      ALTER TABLE users ADD password_version integer NOT NULL DEFAULT 1;

      ALTER TABLE sessions
        ADD user_agent text NOT NULL DEFAULT '',
        ADD address text,
        ADD last_seen_at timestamptz NOT NULL DEFAULT now();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions DROP user_agent, DROP address, DROP last_seen_at;
      ALTER TABLE users DROP password_version;
      DROP TABLE email_changes;
      DROP TABLE one_time_tokens;
    `);
  }
}
