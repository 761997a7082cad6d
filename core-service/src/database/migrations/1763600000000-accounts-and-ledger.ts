import type { MigrationInterface, QueryRunner } from 'typeorm';

export const APPLY_TRANSFER = `
  CREATE OR REPLACE FUNCTION apply_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    way text;
  BEGIN
    -- Always locks in the same order: the user's accounts by kind, system accounts last, so
    -- that the shared rows are locked for the shortest time.
    PERFORM 1 FROM accounts WHERE user_id = NEW.user_id ORDER BY kind FOR UPDATE;

    SELECT f.kind || ' to ' || t.kind INTO way
      FROM accounts f, accounts t
     WHERE f.id = NEW.from_account_id AND t.id = NEW.to_account_id
       AND coalesce(f.user_id, NEW.user_id) = NEW.user_id
       AND coalesce(t.user_id, NEW.user_id) = NEW.user_id;
    IF way IS DISTINCT FROM (CASE
      WHEN NEW.kind IN ('signup_grant', 'purchase', 'admin_grant') THEN 'treasury to available'
      WHEN NEW.kind = 'hold' THEN 'available to held'
      WHEN NEW.kind = 'settle' THEN 'held to revenue'
      WHEN NEW.kind = 'release' THEN 'held to available'
      WHEN NEW.kind = 'refund' THEN 'available to treasury'
    END) THEN
      RAISE EXCEPTION 'a % does not go from %', NEW.kind, coalesce(way, 'one user to another')
        USING ERRCODE = 'check_violation', CONSTRAINT = 'transfers_way';
    END IF;
    IF NEW.kind IN ('settle', 'release') AND NOT EXISTS
      (SELECT FROM transfers WHERE hold_id = NEW.hold_id AND kind = 'hold') THEN
      RAISE EXCEPTION 'hold % was never opened', NEW.hold_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'transfers_hold_opened';
    END IF;

    UPDATE accounts
       SET balance = balance + CASE WHEN id = NEW.to_account_id THEN NEW.amount ELSE -NEW.amount END
     WHERE id IN (NEW.from_account_id, NEW.to_account_id) AND user_id IS NOT NULL;
    UPDATE accounts
       SET balance = balance + CASE WHEN id = NEW.to_account_id THEN NEW.amount ELSE -NEW.amount END
     WHERE id IN (NEW.from_account_id, NEW.to_account_id) AND user_id IS NULL;
    SELECT balance INTO NEW.available_after
      FROM accounts WHERE user_id = NEW.user_id AND kind = 'available';
    RETURN NEW;
  END $$;
`;

/**
 * Users, sessions and the double-entry ledger with its rules: which accounts a transfer may connect,
 * balances are the sum of the transfers, nothing is rewritten, a hold ends once.
 */
export class AccountsAndLedger1763600000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid PRIMARY KEY,
        email text NOT NULL CHECK (email = lower(email)),
        password_hash text NOT NULL,
        role text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'operator')),
        email_verified boolean NOT NULL DEFAULT false,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT users_email_key UNIQUE (email)
      );

      CREATE TABLE sessions (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        created_at timestamptz NOT NULL DEFAULT now(),
        revoked_at timestamptz
      );
      CREATE INDEX sessions_user_id_idx ON sessions (user_id);

      CREATE TABLE refresh_tokens (
        token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
        session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        used_at timestamptz
      );
      CREATE INDEX refresh_tokens_session_id_idx ON refresh_tokens (session_id);

      -- The table that rate-limiter-flexible expects.
      CREATE TABLE rate_limits (
        key varchar(255) PRIMARY KEY,
        points integer NOT NULL DEFAULT 0,
        expire bigint
      );
    `);
    await runner.query(`
      CREATE TABLE accounts (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        kind text NOT NULL CHECK (kind IN ('available', 'held', 'treasury', 'revenue')),
        user_id uuid REFERENCES users,
        balance bigint NOT NULL DEFAULT 0,
        CONSTRAINT accounts_owner CHECK ((kind IN ('available', 'held')) = (user_id IS NOT NULL)),
        CONSTRAINT accounts_balance_not_negative CHECK (kind = 'treasury' OR balance >= 0),
        CONSTRAINT accounts_kind_user_key UNIQUE NULLS NOT DISTINCT (kind, user_id)
      );
      INSERT INTO accounts (kind) VALUES ('treasury'), ('revenue');

      CREATE TABLE holds (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        amount bigint NOT NULL CHECK (amount > 0),
        transformation_id uuid NOT NULL CONSTRAINT holds_transformation_key UNIQUE,
        expires_at timestamptz NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        CONSTRAINT holds_terms_key UNIQUE (id, user_id, amount)
      );
      CREATE INDEX holds_expires_at_idx ON holds (expires_at);

      CREATE TABLE transfers (
        id uuid PRIMARY KEY,
        kind text NOT NULL CHECK (kind IN
          ('signup_grant', 'purchase', 'admin_grant', 'hold', 'settle', 'release', 'refund')),
        from_account_id uuid NOT NULL REFERENCES accounts,
        to_account_id uuid NOT NULL REFERENCES accounts,
        amount bigint NOT NULL CHECK (amount > 0),
        user_id uuid NOT NULL REFERENCES users,
        hold_id uuid,
        description text NOT NULL,
        -- The user's available balance after this transfer; written by the trigger below.
        available_after bigint NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT transfers_hold_id_check
          CHECK ((kind IN ('hold', 'settle', 'release')) = (hold_id IS NOT NULL)),
        -- The whole hold of the same user moves, never a part of it.
        CONSTRAINT transfers_hold_terms_fkey
          FOREIGN KEY (hold_id, user_id, amount) REFERENCES holds (id, user_id, amount)
      );
      CREATE INDEX transfers_user_id_idx ON transfers (user_id, id DESC);
      CREATE UNIQUE INDEX transfers_hold_opens_once ON transfers (hold_id) WHERE kind = 'hold';
      CREATE UNIQUE INDEX transfers_hold_ends_once ON transfers (hold_id)
        WHERE kind IN ('settle', 'release');
      CREATE UNIQUE INDEX transfers_one_signup_grant ON transfers (user_id)
        WHERE kind = 'signup_grant';

      ${APPLY_TRANSFER}
      CREATE TRIGGER transfers_apply BEFORE INSERT ON transfers
        FOR EACH ROW EXECUTE FUNCTION apply_transfer();

      CREATE FUNCTION refuse_ledger_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'the ledger is append-only: % on % is refused', TG_OP, TG_TABLE_NAME
          USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_append_only';
      END $$;
      CREATE TRIGGER transfers_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON transfers
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
      CREATE TRIGGER holds_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON holds
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
      -- Depth 1 is a client's statement; the transfer trigger's own updates run deeper.
      CREATE TRIGGER accounts_move_by_transfer_only BEFORE UPDATE ON accounts
        FOR EACH STATEMENT WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION refuse_ledger_change();
      CREATE TRIGGER accounts_are_kept BEFORE DELETE OR TRUNCATE ON accounts
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
      CREATE TRIGGER accounts_open_empty BEFORE INSERT ON accounts
        FOR EACH ROW WHEN (NEW.balance <> 0) EXECUTE FUNCTION refuse_ledger_change();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE transfers, holds, accounts, rate_limits, refresh_tokens, sessions, users;
      DROP FUNCTION apply_transfer, refuse_ledger_change;
    `);
  }
}
