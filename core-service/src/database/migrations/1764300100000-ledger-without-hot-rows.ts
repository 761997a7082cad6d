import type { MigrationInterface, QueryRunner } from 'typeorm';
import { LEDGER_AFTER, LEDGER_BEFORE } from './1764300100000-ledger-functions.js';

/**
 * The same rules at a cost that does not grow with the ledger (ADR 11). Locks the large tables for
 * milliseconds only, since no added constraint reads one.
 */
export class LedgerWithoutHotRows1764300100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      SET LOCAL lock_timeout = '1s';
      -- Waits for running transfers, and blocks new ones until the commit.
      ALTER TABLE transfers
        DROP CONSTRAINT transfers_from_account_id_fkey,
        DROP CONSTRAINT transfers_to_account_id_fkey,
        DROP CONSTRAINT transfers_user_id_fkey,
        DROP CONSTRAINT transfers_hold_terms_fkey;
      ALTER TABLE holds
        DROP CONSTRAINT holds_user_id_fkey,
        DROP CONSTRAINT holds_transformation_fkey,
        DROP CONSTRAINT holds_terms_key,
        DROP CONSTRAINT holds_style_key;
      ALTER TABLE transformations
        DROP CONSTRAINT transformations_user_id_fkey,
        DROP CONSTRAINT transformations_terms_key;
      ALTER TABLE accounts
        DROP CONSTRAINT accounts_kind_user_key,
        ADD CONSTRAINT accounts_user_kind_key UNIQUE USING INDEX accounts_user_kind_key;

      -- Balances of the system accounts, in 32 rows each: a user's transfers use one of them.
      CREATE TABLE system_balances (
        account_id uuid NOT NULL REFERENCES accounts,
        kind text NOT NULL CHECK (kind IN ('treasury', 'revenue')),
        shard smallint NOT NULL CHECK (shard BETWEEN 0 AND 31),
        balance bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (account_id, shard),
        CONSTRAINT system_balances_revenue_not_negative CHECK (kind = 'treasury' OR balance >= 0)
      ) WITH (fillfactor = 20);
      INSERT INTO system_balances (account_id, kind, shard, balance)
        SELECT id, kind, shard, CASE shard WHEN 0 THEN balance ELSE 0 END
          FROM accounts, generate_series(0, 31) AS shard WHERE user_id IS NULL;
      ALTER TABLE accounts DISABLE TRIGGER accounts_move_by_transfer_only;
      UPDATE accounts SET balance = 0 WHERE user_id IS NULL;
      ALTER TABLE accounts ENABLE TRIGGER accounts_move_by_transfer_only;
      ALTER TABLE accounts ADD CONSTRAINT accounts_system_balance_elsewhere
        CHECK (user_id IS NOT NULL OR balance = 0) NOT VALID;
      CREATE TRIGGER system_balances_move_by_transfer_only BEFORE UPDATE ON system_balances
        FOR EACH STATEMENT WHEN (pg_trigger_depth() < 1) EXECUTE FUNCTION refuse_ledger_change();
      CREATE TRIGGER system_balances_are_kept BEFORE INSERT OR DELETE OR TRUNCATE ON system_balances
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

      -- Replaces foreign keys: a hold's transformation stays, with the same user and price.
      CREATE TRIGGER transformations_are_kept BEFORE DELETE OR TRUNCATE ON transformations
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();
      CREATE TRIGGER transformations_keep_their_terms
        BEFORE UPDATE OF id, user_id, price ON transformations
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_ledger_change();

      DROP TRIGGER transfers_hold_agrees ON transfers;
      DROP TRIGGER transfers_style_hold_agrees ON transfers;
      DROP TRIGGER transformations_hold_agrees ON transformations;
      DROP FUNCTION check_transformation_of_hold, check_style_of_hold;

      ALTER TABLE accounts SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
      ALTER TABLE transformations SET
        (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
      ALTER TABLE transfers SET
        (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
      ALTER TABLE holds SET
        (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
      ALTER TABLE rate_limits SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
      ALTER TABLE idempotency_keys SET (autovacuum_vacuum_scale_factor = 0.02);
    `);
    await runner.query(LEDGER_AFTER);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      SET LOCAL lock_timeout = '1s';
      DROP FUNCTION transfer_tokens, hold_tokens, end_hold;
      DROP TRIGGER holds_have_their_transformation ON holds;
      DROP TRIGGER transformations_begin_held ON transformations;
      DROP TRIGGER transformations_hold_agrees ON transformations;
      DROP TRIGGER transformations_keep_their_terms ON transformations;
      DROP TRIGGER transformations_are_kept ON transformations;
      DROP FUNCTION check_transformation_of_new_hold;

      ALTER TABLE accounts DROP CONSTRAINT accounts_system_balance_elsewhere;
      ALTER TABLE accounts DISABLE TRIGGER accounts_move_by_transfer_only;
      UPDATE accounts a
         SET balance = (SELECT sum(balance) FROM system_balances s WHERE s.account_id = a.id)
       WHERE user_id IS NULL;
      ALTER TABLE accounts ENABLE TRIGGER accounts_move_by_transfer_only;
      DROP TABLE system_balances;

      ALTER TABLE accounts
        DROP CONSTRAINT accounts_user_kind_key,
        ADD CONSTRAINT accounts_kind_user_key UNIQUE USING INDEX accounts_kind_user_key;
      ALTER TABLE transformations
        ADD CONSTRAINT transformations_terms_key UNIQUE USING INDEX transformations_terms_key,
        ADD CONSTRAINT transformations_user_id_fkey FOREIGN KEY (user_id) REFERENCES users NOT VALID;
      ALTER TABLE holds
        ADD CONSTRAINT holds_terms_key UNIQUE USING INDEX holds_terms_key,
        ADD CONSTRAINT holds_style_key UNIQUE USING INDEX holds_style_key,
        ADD CONSTRAINT holds_user_id_fkey FOREIGN KEY (user_id) REFERENCES users NOT VALID,
        ADD CONSTRAINT holds_transformation_fkey FOREIGN KEY (transformation_id, user_id, amount)
          REFERENCES transformations (id, user_id, price) DEFERRABLE INITIALLY DEFERRED NOT VALID;
      ALTER TABLE transfers
        ADD CONSTRAINT transfers_from_account_id_fkey FOREIGN KEY (from_account_id)
          REFERENCES accounts NOT VALID,
        ADD CONSTRAINT transfers_to_account_id_fkey FOREIGN KEY (to_account_id)
          REFERENCES accounts NOT VALID,
        ADD CONSTRAINT transfers_user_id_fkey FOREIGN KEY (user_id) REFERENCES users NOT VALID,
        ADD CONSTRAINT transfers_hold_terms_fkey FOREIGN KEY (hold_id, user_id, amount)
          REFERENCES holds (id, user_id, amount) NOT VALID;

      ALTER TABLE accounts RESET (fillfactor, autovacuum_vacuum_scale_factor);
      ALTER TABLE transformations RESET
        (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
      ALTER TABLE transfers RESET
        (autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor);
      ALTER TABLE holds RESET
        (autovacuum_vacuum_insert_scale_factor, autovacuum_analyze_scale_factor);
      ALTER TABLE rate_limits RESET (fillfactor, autovacuum_vacuum_scale_factor);
      ALTER TABLE idempotency_keys RESET (autovacuum_vacuum_scale_factor);
    `);
    await runner.query(LEDGER_BEFORE);
  }
}
