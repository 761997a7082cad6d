import { APPLY_TRANSFER } from './1763600000000-accounts-and-ledger.js';
import { HOLD_AGREES } from './1763600100000-transformations.js';
import { STYLE_HOLD_AGREES } from './1763600200000-custom-styles.js';

/** The functions and triggers that `LedgerWithoutHotRows` creates. */
export const LEDGER_AFTER = `
  -- A UUIDv7 (RFC 9562, section 6.2, method 3) of the database's clock, to the microsecond. Created while
  -- the user's account is locked, so the ids of a user's transfers are in the order of their effect.
  CREATE FUNCTION transfer_id(made timestamptz) RETURNS uuid LANGUAGE sql AS $$
    SELECT encode(overlay(overlay(uuid_send(gen_random_uuid())
             PLACING substring(int8send(us / 1000) FROM 3) FROM 1 FOR 6)
             PLACING substring(int4send((28672 + us % 1000 * 4096 / 1000)::int) FROM 3) FROM 7 FOR 2),
             'hex')::uuid
      FROM (SELECT (extract(epoch FROM made) * 1000000)::bigint AS us) AS clock
  $$;

  CREATE OR REPLACE FUNCTION apply_transfer() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    -- The changes of the user's balances; the difference comes from, or goes to, the system.
    available bigint := CASE NEW.kind WHEN 'settle' THEN 0
      WHEN 'hold' THEN -NEW.amount WHEN 'refund' THEN -NEW.amount ELSE NEW.amount END;
    held bigint := CASE NEW.kind WHEN 'hold' THEN NEW.amount
      WHEN 'settle' THEN -NEW.amount WHEN 'release' THEN -NEW.amount ELSE 0 END;
    same_terms boolean;
    opened boolean;
    due text;
    on_the_way boolean;
  BEGIN
    IF NEW.amount <= 0 THEN
      RETURN NEW; -- A constraint of the table refuses it.
    END IF;
    IF held <> 0 AND NEW.hold_id IS NOT NULL THEN
      SELECT h.user_id = NEW.user_id AND h.amount = NEW.amount AS same_terms,
             held > 0 OR EXISTS (SELECT FROM transfers t WHERE t.hold_id = h.id AND t.kind = 'hold') AS opened,
             CASE coalesce(x.status, s.status)
               WHEN 'completed' THEN 'settle' WHEN 'ready' THEN 'settle'
               WHEN 'failed' THEN 'release' WHEN 'cancelled' THEN 'release' END AS due
        INTO same_terms, opened, due
        FROM holds h LEFT JOIN transformations x ON x.id = h.transformation_id
                     LEFT JOIN styles s ON s.id = h.style_id
       WHERE h.id = NEW.hold_id;
      IF opened IS NOT TRUE THEN
        RAISE EXCEPTION 'hold % was never opened', NEW.hold_id
          USING ERRCODE = 'check_violation', CONSTRAINT = 'transfers_hold_opened';
      END IF;
      -- The whole hold of the same user moves, never a part of it.
      IF NOT same_terms THEN
        RAISE EXCEPTION 'hold % is of another user or amount', NEW.hold_id
          USING ERRCODE = 'check_violation', CONSTRAINT = 'transfers_hold_terms';
      END IF;
    END IF;

    -- Every transfer of the user first locks the account with the available balance.
    IF available = 0 THEN
      SELECT balance INTO NEW.available_after FROM accounts
       WHERE user_id = NEW.user_id AND kind = 'available' FOR UPDATE;
    ELSE
      UPDATE accounts SET balance = balance + available
       WHERE user_id = NEW.user_id AND kind = 'available'
         AND id = CASE WHEN available > 0 THEN NEW.to_account_id ELSE NEW.from_account_id END
      RETURNING balance INTO NEW.available_after;
    END IF;
    on_the_way := FOUND;
    IF on_the_way AND held <> 0 THEN
      UPDATE accounts SET balance = balance + held
       WHERE user_id = NEW.user_id AND kind = 'held'
         AND id = CASE WHEN held > 0 THEN NEW.to_account_id ELSE NEW.from_account_id END;
      on_the_way := FOUND;
    END IF;
    IF on_the_way AND available + held <> 0 THEN
      UPDATE system_balances SET balance = balance - (available + held)
       WHERE account_id = CASE WHEN available + held > 0 THEN NEW.from_account_id
                               ELSE NEW.to_account_id END
         AND shard = get_byte(uuid_send(NEW.user_id), 15) & 31
         AND kind = CASE NEW.kind WHEN 'settle' THEN 'revenue' ELSE 'treasury' END;
      on_the_way := FOUND;
    END IF;
    IF NOT on_the_way THEN
      RAISE EXCEPTION 'a % of % does not go between these accounts', NEW.kind, NEW.user_id
        USING ERRCODE = 'check_violation', CONSTRAINT = 'transfers_way';
    END IF;

    -- Checked only here: the status check at commit ensures that a final status stays.
    IF held < 0 AND NEW.hold_id IS NOT NULL AND due IS DISTINCT FROM NEW.kind THEN
      RAISE EXCEPTION 'hold % is due a %, not a %', NEW.hold_id, coalesce(due, 'wait'), NEW.kind
        USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_agrees';
    END IF;
    NEW.created_at := clock_timestamp();
    NEW.id := transfer_id(NEW.created_at);
    RETURN NEW;
  END $$;

  -- Checked at commit for each transformation that began or ended: completed is settled, failed and
  -- cancelled are released, the rest is held, with the transformation's price and user.
  CREATE OR REPLACE FUNCTION check_hold_agrees(transformation uuid) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    actual text;
    wanted text;
  BEGIN
    SELECT CASE x.status WHEN 'completed' THEN 'settle' WHEN 'failed' THEN 'release'
                         WHEN 'cancelled' THEN 'release' ELSE 'hold' END,
           coalesce((SELECT t.kind FROM transfers t
                      WHERE t.hold_id = h.id AND t.kind IN ('settle', 'release')),
                    (SELECT t.kind FROM transfers t WHERE t.hold_id = h.id AND t.kind = 'hold'))
      INTO wanted, actual
      FROM transformations x
      LEFT JOIN holds h ON h.transformation_id = x.id AND h.user_id = x.user_id AND h.amount = x.price
     WHERE x.id = transformation;
    IF actual IS DISTINCT FROM wanted THEN
      RAISE EXCEPTION 'transformation % wants its tokens in %, they are in %',
        transformation, wanted, coalesce(actual, 'nothing')
        USING ERRCODE = 'check_violation', CONSTRAINT = 'hold_agrees';
    END IF;
  END $$;
  CREATE CONSTRAINT TRIGGER transformations_begin_held AFTER INSERT ON transformations
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_hold_of_transformation();
  -- Claiming a job moves no tokens.
  CREATE CONSTRAINT TRIGGER transformations_hold_agrees AFTER UPDATE OF status ON transformations
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NOT (OLD.status IN ('pending', 'processing')
                            AND NEW.status IN ('pending', 'processing')))
    EXECUTE FUNCTION check_hold_of_transformation();

  CREATE OR REPLACE FUNCTION check_style_hold_agrees(style uuid) RETURNS void LANGUAGE plpgsql AS $$
  DECLARE
    actual text;
    wanted text;
  BEGIN
    SELECT CASE WHEN s.price = 0 THEN NULL WHEN s.status = 'ready' THEN 'settle'
                WHEN s.status = 'failed' THEN 'release' ELSE 'hold' END,
           coalesce((SELECT t.kind FROM transfers t
                      WHERE t.hold_id = h.id AND t.kind IN ('settle', 'release')),
                    (SELECT t.kind FROM transfers t WHERE t.hold_id = h.id AND t.kind = 'hold'))
      INTO wanted, actual
      FROM styles s LEFT JOIN holds h ON h.style_id = s.id
     WHERE s.id = style;
    IF actual IS DISTINCT FROM wanted THEN
      RAISE EXCEPTION 'style % wants its tokens in %, they are in %',
        style, coalesce(wanted, 'nothing'), coalesce(actual, 'nothing')
        USING ERRCODE = 'check_violation', CONSTRAINT = 'style_hold_agrees';
    END IF;
  END $$;

  -- A foreign key of the three columns would need a second index on transformations, and lock the row.
  CREATE FUNCTION check_transformation_of_new_hold() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN
    IF NOT EXISTS (SELECT FROM transformations
                    WHERE id = NEW.transformation_id AND user_id = NEW.user_id AND price = NEW.amount) THEN
      RAISE EXCEPTION 'hold % is for no transformation of this user and price', NEW.id
        USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'holds_transformation';
    END IF;
    RETURN NULL;
  END $$;
  CREATE CONSTRAINT TRIGGER holds_have_their_transformation AFTER INSERT ON holds
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.transformation_id IS NOT NULL)
    EXECUTE FUNCTION check_transformation_of_new_hold();

  -- The service moves tokens with these functions: one round trip each, with plans cached in the session.
  -- Each returns the new available balance.
  CREATE FUNCTION transfer_tokens(what text, owner uuid, tokens bigint, of_hold uuid, note text)
    RETURNS bigint LANGUAGE plpgsql AS $$
  DECLARE
    source text := CASE what WHEN 'hold' THEN 'available' WHEN 'refund' THEN 'available'
      WHEN 'settle' THEN 'held' WHEN 'release' THEN 'held' ELSE 'treasury' END;
    target text := CASE what WHEN 'hold' THEN 'held' WHEN 'settle' THEN 'revenue'
      WHEN 'refund' THEN 'treasury' ELSE 'available' END;
    source_id uuid;
    target_id uuid;
    available bigint;
  BEGIN
    SELECT id INTO source_id FROM accounts WHERE user_id = owner AND kind = source;
    IF NOT FOUND THEN
      SELECT id INTO source_id FROM accounts WHERE user_id IS NULL AND kind = source;
    END IF;
    SELECT id INTO target_id FROM accounts WHERE user_id = owner AND kind = target;
    IF NOT FOUND THEN
      SELECT id INTO target_id FROM accounts WHERE user_id IS NULL AND kind = target;
    END IF;
    -- The trigger writes the id, the balance and the time.
    INSERT INTO transfers (id, kind, from_account_id, to_account_id, amount, user_id, hold_id,
                           description, available_after)
    VALUES (owner, what, source_id, target_id, tokens, owner, of_hold, note, 0)
    RETURNING available_after INTO available;
    RETURN available;
  END $$;
  CREATE FUNCTION hold_tokens(owner uuid, tokens bigint, transformation uuid, style uuid,
                              expiry timestamptz, note text)
    RETURNS bigint LANGUAGE plpgsql AS $$
  BEGIN
    INSERT INTO holds (id, user_id, amount, transformation_id, style_id, expires_at)
      VALUES (coalesce(transformation, style), owner, tokens, transformation, style, expiry);
    RETURN transfer_tokens('hold', owner, tokens, coalesce(transformation, style), note);
  END $$;
  CREATE FUNCTION end_hold(transformation uuid, style uuid, what text, note text)
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
`;

/** The previous functions and triggers. */
export const LEDGER_BEFORE = `${APPLY_TRANSFER} ${HOLD_AGREES} ${STYLE_HOLD_AGREES}
  DROP FUNCTION transfer_id;
`;
