import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Exports and deletions of accounts. No foreign keys, since they would lock the user; the row of a deletion
 * outlives everything else that is known of the person.
 */
export class AccountData1764460000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      SET LOCAL lock_timeout = '1s';
      CREATE TABLE account_exports (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        status text NOT NULL DEFAULT 'queued'
          CHECK (status IN ('queued', 'running', 'ready', 'failed')),
        bytes bigint,
        error_code text,
        error_detail text,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        CONSTRAINT account_exports_ready CHECK ((status = 'ready') = (bytes IS NOT NULL)),
        CONSTRAINT account_exports_error CHECK ((status = 'failed') = (error_code IS NOT NULL))
      );
      CREATE UNIQUE INDEX account_exports_one_open ON account_exports (user_id)
        WHERE status IN ('queued', 'running');
      CREATE INDEX account_exports_of_user_idx ON account_exports (user_id, created_at);
      CREATE INDEX account_exports_expires_at_idx ON account_exports (expires_at);

      CREATE TABLE account_deletions (
        user_id uuid PRIMARY KEY,
        -- SHA-256 of the token that withdraws it.
        restore_hash bytea NOT NULL CONSTRAINT account_deletions_restore_key UNIQUE,
        requested_at timestamptz NOT NULL DEFAULT now(),
        deletes_at timestamptz NOT NULL,
        done_at timestamptz
      );
      CREATE INDEX account_deletions_due_idx ON account_deletions (deletes_at)
        WHERE done_at IS NULL;

      -- However somebody signs in, there is no session for an account that is being deleted. The lock
      -- waits for a deletion that is just being asked for, and its sessions are ended after that.
      CREATE FUNCTION refuse_session_of_deleted_account() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM FROM users WHERE id = NEW.user_id FOR KEY SHARE;
        IF EXISTS (SELECT FROM account_deletions WHERE user_id = NEW.user_id) THEN
          RAISE EXCEPTION 'account % is being deleted', NEW.user_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sessions_account_kept';
        END IF;
        RETURN NEW;
      END $$;
      CREATE TRIGGER sessions_account_kept BEFORE INSERT ON sessions
        FOR EACH ROW EXECUTE FUNCTION refuse_session_of_deleted_account();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      SET LOCAL lock_timeout = '1s';
      DROP TRIGGER sessions_account_kept ON sessions;
      DROP FUNCTION refuse_session_of_deleted_account;
      DROP TABLE account_deletions, account_exports;
    `);
  }
}
