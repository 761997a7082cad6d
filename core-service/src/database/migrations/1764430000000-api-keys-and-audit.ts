import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * API keys with budgets in the ledger's transaction, suspended users, and the audit log. Callers without a
 * key run the same statements as before; a hold by a key runs two more. The new columns of large tables have
 * no default and no foreign key, so nothing is rewritten or read.
 */
export class ApiKeysAndAudit1764430000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      SET LOCAL lock_timeout = '1s';
      CREATE TABLE api_keys (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        name text NOT NULL,
        prefix text NOT NULL,
        -- SHA-256 of the whole key.
        key_hash bytea NOT NULL CONSTRAINT api_keys_hash_key UNIQUE CHECK (length(key_hash) = 32),
        scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
        -- Empty: from anywhere.
        allowed_addresses text[] NOT NULL DEFAULT '{}',
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz,
        last_used_at timestamptz,
        revoked_at timestamptz
      );
      CREATE INDEX api_keys_of_user_idx ON api_keys (user_id, id DESC);

      -- Apart from the keys, since every hold by a key updates its row.
      CREATE TABLE api_key_budgets (
        api_key_id uuid PRIMARY KEY REFERENCES api_keys ON DELETE CASCADE,
        -- Tokens; null: no limit.
        per_day bigint CHECK (per_day > 0),
        in_all bigint CHECK (in_all > 0),
        -- The day (UTC) that spent_that_day is of.
        day date NOT NULL DEFAULT '-infinity',
        spent_that_day bigint NOT NULL DEFAULT 0 CHECK (spent_that_day >= 0),
        spent_in_all bigint NOT NULL DEFAULT 0 CHECK (spent_in_all >= 0),
        CONSTRAINT api_key_budget_per_day CHECK (spent_that_day <= per_day),
        CONSTRAINT api_key_budget_in_all CHECK (spent_in_all <= in_all)
      ) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);

      ALTER TABLE holds ADD COLUMN api_key_id uuid;
      ALTER TABLE transformations ADD COLUMN api_key_id uuid;
      ALTER TABLE styles ADD COLUMN api_key_id uuid;
      ALTER TABLE users ADD COLUMN suspended_at timestamptz;

      -- As hold_tokens, within the budget of the key.
      CREATE FUNCTION hold_tokens_of_key(owner uuid, tokens bigint, transformation uuid, style uuid,
                                         expiry timestamptz, note text, key uuid)
        RETURNS bigint LANGUAGE plpgsql AS $$
      DECLARE
        made timestamptz;
        today date;
      BEGIN
        -- Before the clock is read: so the holds of a key are made one after the other, and no day is
        -- counted after the next has begun.
        PERFORM FROM accounts WHERE user_id = owner AND kind = 'available' FOR UPDATE;
        made := clock_timestamp();
        today := (made AT TIME ZONE 'UTC')::date;
        UPDATE api_key_budgets
           SET spent_that_day = tokens + CASE day WHEN today THEN spent_that_day ELSE 0 END,
               day = today,
               spent_in_all = spent_in_all + tokens
         WHERE api_key_id = key;
        IF NOT FOUND THEN
          RAISE EXCEPTION 'there is no API key %', key USING ERRCODE = 'foreign_key_violation';
        END IF;
        INSERT INTO holds (id, user_id, amount, transformation_id, style_id, expires_at, created_at, api_key_id)
          VALUES (coalesce(transformation, style), owner, tokens, transformation, style, expiry, made, key);
        RETURN transfer_tokens('hold', owner, tokens, coalesce(transformation, style), note);
      END $$;

      ${endHold()}

      CREATE TABLE audit_log (
        id uuid PRIMARY KEY,
        -- Null: the command line.
        actor_id uuid,
        action text NOT NULL,
        -- The user that it was done to.
        subject_id uuid,
        before jsonb,
        after jsonb,
        reason text,
        address text,
        request_id text,
        idempotency_key text,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      CREATE INDEX audit_log_subject_idx ON audit_log (subject_id, id DESC);
      CREATE INDEX audit_log_actor_idx ON audit_log (actor_id, id DESC);
      CREATE UNIQUE INDEX audit_log_idempotency_key ON audit_log (actor_id, idempotency_key)
        WHERE idempotency_key IS NOT NULL;
      CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'the audit log is append-only: % is refused', TG_OP
          USING ERRCODE = 'restrict_violation', CONSTRAINT = 'audit_log_append_only';
      END $$;
      CREATE TRIGGER audit_log_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      SET LOCAL lock_timeout = '1s';
      DROP TABLE audit_log;
      DROP FUNCTION refuse_audit_change;
      CREATE OR REPLACE FUNCTION end_hold(transformation uuid, style uuid, what text, note text)
        RETURNS bigint LANGUAGE plpgsql AS $$
      DECLARE
        hold holds;
      BEGIN
        IF style IS NULL THEN SELECT * INTO hold FROM holds WHERE transformation_id = transformation;
        ELSE SELECT * INTO hold FROM holds WHERE style_id = style;
        END IF;
        IF NOT FOUND THEN
          RAISE EXCEPTION '% has no hold', coalesce(transformation, style);
        END IF;
        RETURN transfer_tokens(what, hold.user_id, hold.amount, hold.id, note);
      END $$;
      DROP FUNCTION hold_tokens_of_key;
      ALTER TABLE users DROP COLUMN suspended_at;
      ALTER TABLE styles DROP COLUMN api_key_id;
      ALTER TABLE transformations DROP COLUMN api_key_id;
      ALTER TABLE holds DROP COLUMN api_key_id;
      DROP TABLE api_key_budgets, api_keys;
    `);
  }
}

/** @param afterwards what happens after the transfer and the budget */
export function endHold(afterwards = ''): string {
  return `CREATE OR REPLACE FUNCTION end_hold(transformation uuid, style uuid, what text, note text)
      RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE
      hold holds;
      available bigint;
    BEGIN
      IF style IS NULL THEN SELECT * INTO hold FROM holds WHERE transformation_id = transformation;
      ELSE SELECT * INTO hold FROM holds WHERE style_id = style;
      END IF;
      IF NOT FOUND THEN
        RAISE EXCEPTION '% has no hold', coalesce(transformation, style);
      END IF;
      available := transfer_tokens(what, hold.user_id, hold.amount, hold.id, note);
      -- After the account is locked, as in hold_tokens_of_key.
      IF what = 'release' AND hold.api_key_id IS NOT NULL THEN
        UPDATE api_key_budgets
           SET spent_that_day = spent_that_day
                 - CASE day WHEN (hold.created_at AT TIME ZONE 'UTC')::date THEN hold.amount ELSE 0 END,
               spent_in_all = spent_in_all - hold.amount
         WHERE api_key_id = hold.api_key_id;
      END IF;
      ${afterwards}
      RETURN available;
    END $$;`;
}
