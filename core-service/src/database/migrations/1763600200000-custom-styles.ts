import type { MigrationInterface, QueryRunner } from 'typeorm';

export const STYLE_HOLD_AGREES = `
  -- Checked at commit: ready is settled, failed is released, pending is held; free styles have no hold.
  -- check_hold_agrees does the same for transformations and skips other holds.
  CREATE OR REPLACE FUNCTION check_style_hold_agrees(style uuid) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    actual text;
    wanted text;
  BEGIN
    SELECT CASE WHEN price = 0 THEN NULL
                WHEN status = 'ready' THEN 'settle'
                WHEN status = 'failed' THEN 'release'
                ELSE 'hold' END
      INTO wanted FROM styles WHERE id = style;
    SELECT t.kind INTO actual
      FROM holds h JOIN transfers t ON t.hold_id = h.id
     WHERE h.style_id = style
     ORDER BY t.kind = 'hold' LIMIT 1;
    IF actual IS DISTINCT FROM wanted THEN
      RAISE EXCEPTION 'style % wants its tokens in %, they are in %',
        style, coalesce(wanted, 'nothing'), coalesce(actual, 'nothing')
        USING ERRCODE = 'check_violation', CONSTRAINT = 'style_hold_agrees';
    END IF;
  END $$;
  CREATE OR REPLACE FUNCTION check_hold_of_style() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM check_style_hold_agrees(NEW.id);
    RETURN NULL;
  END $$;
  CREATE OR REPLACE FUNCTION check_style_of_hold() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM check_style_hold_agrees((SELECT style_id FROM holds WHERE id = NEW.hold_id));
    RETURN NULL;
  END $$;
  CREATE CONSTRAINT TRIGGER transfers_style_hold_agrees AFTER INSERT ON transfers
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.hold_id IS NOT NULL)
    EXECUTE FUNCTION check_style_of_hold();
`;

/** Custom styles, their holds and idempotency keys, and the rule that a style agrees with its hold. */
export class CustomStyles1763600200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE styles (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        status text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'ready', 'failed')),
        -- Empty if the style failed or its content was erased.
        name text NOT NULL CHECK (length(name) <= 80),
        price integer NOT NULL CHECK (price >= 0),
        -- The style code that the encoder computes from the image; the image itself is not stored.
        code real[] CHECK (cardinality(code) > 0),
        created_at timestamptz NOT NULL DEFAULT now(),
        -- After this time the process that creates it is assumed dead.
        pending_until timestamptz NOT NULL,
        deleted_at timestamptz,
        preview_deleted_at timestamptz,
        CONSTRAINT styles_ready CHECK (status = 'ready' OR (code IS NULL AND deleted_at IS NULL)),
        CONSTRAINT styles_usable CHECK
          (status <> 'ready' OR deleted_at IS NOT NULL OR (code IS NOT NULL AND name <> '')),
        CONSTRAINT styles_terms_key UNIQUE (id, user_id, price)
      );
      CREATE INDEX styles_of_user_idx ON styles (user_id, id DESC)
        WHERE status <> 'failed' AND deleted_at IS NULL;
      CREATE INDEX styles_pending_idx ON styles (pending_until) WHERE status = 'pending';
      CREATE INDEX styles_previews_to_delete_idx ON styles (id)
        WHERE (status = 'failed' OR deleted_at IS NOT NULL) AND preview_deleted_at IS NULL;
      CREATE INDEX styles_to_erase_idx ON styles (deleted_at) WHERE code IS NOT NULL;

      ALTER TABLE idempotency_keys ADD COLUMN style_id uuid REFERENCES styles;

      ALTER TABLE holds
        ALTER COLUMN transformation_id DROP NOT NULL,
        ADD COLUMN style_id uuid CONSTRAINT holds_style_key UNIQUE,
        ADD CONSTRAINT holds_one_purpose CHECK (num_nonnulls(transformation_id, style_id) = 1),
        -- The hold has the price and the user of its style.
        ADD CONSTRAINT holds_style_fkey FOREIGN KEY (style_id, user_id, amount)
          REFERENCES styles (id, user_id, price) DEFERRABLE INITIALLY DEFERRED;

      ${STYLE_HOLD_AGREES}
      CREATE CONSTRAINT TRIGGER styles_hold_agrees AFTER INSERT OR UPDATE OF status ON styles
        DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION check_hold_of_style();
    `);
  }

  /** SET NOT NULL fails once a style was paid for: the ledger keeps all entries. */
  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER transfers_style_hold_agrees ON transfers;
      ALTER TABLE holds
        DROP CONSTRAINT holds_style_fkey,
        DROP CONSTRAINT holds_one_purpose,
        DROP COLUMN style_id,
        ALTER COLUMN transformation_id SET NOT NULL;
      ALTER TABLE idempotency_keys DROP COLUMN style_id;
      DROP TABLE styles;
      DROP FUNCTION check_hold_of_style, check_style_of_hold, check_style_hold_agrees;
    `);
  }
}
