import type { MigrationInterface, QueryRunner } from 'typeorm';

export const HOLD_AGREES = `
  -- Checked at commit: completed is settled, failed and cancelled are released, the rest is held.
  CREATE OR REPLACE FUNCTION check_hold_agrees(transformation uuid) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    actual text;
    wanted text;
  BEGIN
    SELECT CASE status WHEN 'completed' THEN 'settle'
                       WHEN 'failed' THEN 'release'
                       WHEN 'cancelled' THEN 'release'
                       ELSE 'hold' END
      INTO wanted FROM transformations WHERE id = transformation;
    SELECT t.kind INTO actual
      FROM holds h JOIN transfers t ON t.hold_id = h.id
     WHERE h.transformation_id = transformation
     ORDER BY t.kind = 'hold' LIMIT 1;
    IF actual IS DISTINCT FROM wanted THEN
      RAISE EXCEPTION 'transformation % wants its tokens in %, they are in %',
        transformation, wanted, coalesce(actual, 'nothing')
        USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_agrees';
    END IF;
  END $$;
  CREATE OR REPLACE FUNCTION check_hold_of_transformation() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM check_hold_agrees(NEW.id);
    RETURN NULL;
  END $$;
  CREATE OR REPLACE FUNCTION check_transformation_of_hold() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    PERFORM check_hold_agrees((SELECT transformation_id FROM holds WHERE id = NEW.hold_id));
    RETURN NULL;
  END $$;
  CREATE CONSTRAINT TRIGGER transformations_hold_agrees
    AFTER INSERT OR UPDATE OF status ON transformations
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_hold_of_transformation();
  CREATE CONSTRAINT TRIGGER transfers_hold_agrees AFTER INSERT ON transfers
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.hold_id IS NOT NULL)
    EXECUTE FUNCTION check_transformation_of_hold();
`;

/** Transformations, idempotency keys, and the rule that a transformation agrees with its hold. */
export class Transformations1763600100000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE transformations (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL REFERENCES users,
        status text NOT NULL DEFAULT 'pending'
          CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
        styles jsonb NOT NULL,
        options jsonb NOT NULL,
        price integer NOT NULL CHECK (price > 0),
        width integer NOT NULL CHECK (width > 0),
        height integer NOT NULL CHECK (height > 0),
        original_key text NOT NULL,
        result_key text,
        result_bytes integer,
        -- SHA-256 of the JPG, hexadecimal.
        result_digest text,
        inference_ms double precision,
        error_code text,
        error_detail text,
        queued_at timestamptz NOT NULL DEFAULT now(),
        started_at timestamptz,
        completed_at timestamptz,
        images_expire_at timestamptz NOT NULL,
        images_deleted_at timestamptz,
        deleted_at timestamptz,
        CONSTRAINT transformations_result CHECK
          ((status = 'completed') = (result_key IS NOT NULL AND result_digest IS NOT NULL)),
        CONSTRAINT transformations_error CHECK ((status = 'failed') = (error_code IS NOT NULL)),
        CONSTRAINT transformations_end CHECK
          ((status IN ('pending', 'processing')) = (completed_at IS NULL)),
        CONSTRAINT transformations_terms_key UNIQUE (id, user_id, price)
      );
      CREATE INDEX transformations_of_user_idx ON transformations (user_id, id DESC)
        WHERE deleted_at IS NULL;
      CREATE INDEX transformations_open_idx ON transformations (user_id, status)
        WHERE status IN ('pending', 'processing');
      CREATE INDEX transformations_images_expire_idx ON transformations (images_expire_at)
        WHERE images_deleted_at IS NULL;

      -- The hold has the price and the user of its transformation.
      ALTER TABLE holds ADD CONSTRAINT holds_transformation_fkey
        FOREIGN KEY (transformation_id, user_id, amount)
        REFERENCES transformations (id, user_id, price)
        DEFERRABLE INITIALLY DEFERRED;

      ${HOLD_AGREES}

      CREATE TABLE idempotency_keys (
        user_id uuid NOT NULL REFERENCES users,
        key text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
        -- SHA-256 of the request: image and fields.
        fingerprint bytea NOT NULL,
        -- The request that owns the key, and until when it is assumed to be alive.
        claim uuid NOT NULL,
        claimed_until timestamptz NOT NULL,
        transformation_id uuid REFERENCES transformations,
        answer jsonb,
        created_at timestamptz NOT NULL DEFAULT now(),
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (user_id, key)
      );
      CREATE INDEX idempotency_keys_expires_at_idx ON idempotency_keys (expires_at);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER transfers_hold_agrees ON transfers;
      DROP TABLE idempotency_keys;
      ALTER TABLE holds DROP CONSTRAINT holds_transformation_fkey;
      DROP TABLE transformations;
      DROP FUNCTION check_hold_of_transformation, check_transformation_of_hold, check_hold_agrees;
    `);
  }
}
