import type { MigrationInterface, QueryRunner } from 'typeorm';
import { endHold } from './1764430000000-api-keys-and-audit.js';

/** Purchases of token packs, what the payment provider said of them, and debts of users who got money back. */
export class Payments1764470000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE purchases (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        pack_id text NOT NULL,
        tokens bigint NOT NULL CHECK (tokens > 0),
        -- In the currency's smallest unit.
        amount bigint NOT NULL CHECK (amount > 0),
        currency text NOT NULL,
        status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid', 'failed', 'expired')),
        session_id text UNIQUE,
        payment_id text UNIQUE,
        -- What was paid, taxes and discounts included.
        amount_paid bigint CHECK (amount_paid >= 0),
        -- Tokens that the user has got for it and not given back.
        credited bigint NOT NULL DEFAULT 0 CHECK (credited BETWEEN 0 AND tokens),
        created_at timestamptz NOT NULL DEFAULT now(),
        paid_at timestamptz
      );
      CREATE INDEX purchases_user_id_idx ON purchases (user_id, id DESC);

      CREATE INDEX purchases_open_idx ON purchases (created_at) WHERE status = 'open';

      -- By payment, since a refund may be told of before the purchase's payment is known.
      CREATE TABLE payment_facts (
        payment_id text PRIMARY KEY,
        refunded bigint NOT NULL DEFAULT 0,
        refunded_as_of timestamptz,
        disputed bigint NOT NULL DEFAULT 0,
        disputed_as_of timestamptz
      );
      CREATE TABLE payment_events (
        id text PRIMARY KEY,
        fact jsonb NOT NULL,
        received_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX payment_events_received_at_idx ON payment_events (received_at);

      -- Tokens that were spent before their money went back. The next tokens that come in pay them.
      CREATE TABLE debts (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        user_id uuid NOT NULL,
        purchase_id uuid NOT NULL,
        amount bigint NOT NULL CHECK (amount > 0),
        remaining bigint NOT NULL CHECK (remaining BETWEEN 0 AND amount),
        note text NOT NULL,
        created_at timestamptz NOT NULL DEFAULT clock_timestamp()
      );
      CREATE INDEX debts_open_idx ON debts (user_id, created_at) WHERE remaining > 0;

      CREATE FUNCTION pay_debts(owner uuid) RETURNS void LANGUAGE plpgsql AS $$
      DECLARE
        debt debts;
        part bigint;
      BEGIN
        IF NOT EXISTS (SELECT FROM debts WHERE user_id = owner AND remaining > 0) THEN
          RETURN;
        END IF;
        FOR debt IN SELECT * FROM debts WHERE user_id = owner AND remaining > 0 ORDER BY created_at LOOP
          SELECT least(balance, debt.remaining) INTO part FROM accounts
           WHERE user_id = owner AND kind = 'available' FOR UPDATE;
          EXIT WHEN part = 0;
          PERFORM transfer_tokens('refund', owner, part, NULL, debt.note);
          UPDATE debts SET remaining = remaining - part WHERE id = debt.id;
        END LOOP;
      END $$;

      -- Gives tokens, and pays debts with them. Returns the available balance.
      CREATE FUNCTION credit_tokens(what text, owner uuid, tokens bigint, note text)
        RETURNS bigint LANGUAGE plpgsql AS $$
      BEGIN
        PERFORM transfer_tokens(what, owner, tokens, NULL, note);
        PERFORM pay_debts(owner);
        RETURN (SELECT balance FROM accounts WHERE user_id = owner AND kind = 'available');
      END $$;

      -- Takes what is there; the rest becomes a debt. Returns the debt.
      CREATE FUNCTION take_back_tokens(owner uuid, tokens bigint, purchase uuid, note text)
        RETURNS bigint LANGUAGE plpgsql AS $$
      DECLARE
        part bigint;
      BEGIN
        SELECT least(balance, tokens) INTO part FROM accounts
         WHERE user_id = owner AND kind = 'available' FOR UPDATE;
        IF part > 0 THEN
          PERFORM transfer_tokens('refund', owner, part, NULL, note);
        END IF;
        IF part < tokens THEN
          INSERT INTO debts (user_id, purchase_id, amount, remaining, note)
            VALUES (owner, purchase, tokens - part, tokens - part, note);
        END IF;
        RETURN tokens - part;
      END $$;

      ${endHold(`IF what = 'release' THEN
        PERFORM pay_debts(hold.user_id);
        SELECT balance INTO available FROM accounts
         WHERE user_id = hold.user_id AND kind = 'available';
      END IF;`)}
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ${endHold()}
      DROP FUNCTION take_back_tokens, credit_tokens, pay_debts;
      DROP TABLE debts, payment_events, payment_facts, purchases;
    `);
  }
}
