import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Webhook endpoints and what is delivered to them. A delivery's id is its event's, so that an event has one
 * delivery for each endpoint. No foreign keys: they would lock the endpoint's row for every event.
 */
export class Webhooks1764440000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE transformations ADD COLUMN webhook_url text`);
    await runner.query(`
      CREATE TABLE webhook_endpoints (
        id uuid PRIMARY KEY,
        user_id uuid NOT NULL,
        -- Null: each transformation names its own.
        url text,
        event_types text[] NOT NULL,
        description text NOT NULL,
        signature text NOT NULL CHECK (signature IN ('v1', 'v1a')),
        -- Sealed; the earlier one signs as well until its time.
        secret text NOT NULL,
        earlier_secret text,
        earlier_secret_until timestamptz,
        public_key text,
        disabled_at timestamptz,
        disabled_reason text CHECK (disabled_reason IN ('user', 'gone', 'failing')),
        -- Of the first failure after the last success.
        failing_since timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL)),
        CHECK ((earlier_secret IS NULL) = (earlier_secret_until IS NULL))
      )`);
    await runner.query(`CREATE INDEX webhook_endpoints_of_user ON webhook_endpoints (user_id, id)`);
    await runner.query(
      `CREATE UNIQUE INDEX webhook_endpoints_without_url ON webhook_endpoints (user_id) WHERE url IS NULL`,
    );
    await runner.query(`
      CREATE TABLE webhook_deliveries (
        endpoint_id uuid NOT NULL,
        id uuid NOT NULL,
        event_type text NOT NULL,
        data jsonb NOT NULL,
        -- Null: the endpoint's.
        url text,
        occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        -- skipped: the endpoint was disabled.
        status text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed', 'skipped')),
        due_at timestamptz NOT NULL DEFAULT now(),
        -- A process is sending it, or has died.
        claimed_until timestamptz,
        attempts int NOT NULL DEFAULT 0,
        attempted_at timestamptz,
        duration_ms int,
        response_status int,
        response_body text,
        error text,
        PRIMARY KEY (endpoint_id, id)
      )`);
    await runner.query(
      `CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE status = 'pending'`,
    );
    await runner.query(
      `CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (endpoint_id, due_at) WHERE status = 'pending'`,
    );
    await runner.query(
      `CREATE INDEX webhook_deliveries_claimed ON webhook_deliveries (endpoint_id) WHERE claimed_until IS NOT NULL`,
    );
    await runner.query(`CREATE INDEX webhook_deliveries_age ON webhook_deliveries (occurred_at)`);
    // In a function, whose plans are kept: planning would take four times what the event does.
    await runner.query(`
      CREATE FUNCTION record_event(
        new_id uuid, new_type text, of_user uuid, new_subject uuid, new_data jsonb, facts jsonb, webhook_url text
      ) RETURNS boolean LANGUAGE plpgsql AS $$
      DECLARE
        deliveries int;
      BEGIN
        INSERT INTO domain_events (id, type, user_id, subject_id, data)
        VALUES (new_id, new_type, of_user, new_subject, new_data);
        INSERT INTO webhook_deliveries (endpoint_id, id, event_type, data, url, status)
        SELECT e.id, new_id, new_type, facts, CASE WHEN e.url IS NULL THEN webhook_url END,
               CASE WHEN e.disabled_at IS NULL THEN 'pending' ELSE 'skipped' END
          FROM webhook_endpoints e
         WHERE e.user_id = of_user AND e.event_types && ARRAY['*', new_type]
           AND (e.url IS NOT NULL OR webhook_url IS NOT NULL)
           -- One that is enabled again within this time can have replayed what it missed.
           AND (e.disabled_at IS NULL OR e.disabled_at > now() - interval '7 days');
        GET DIAGNOSTICS deliveries = ROW_COUNT;
        RETURN deliveries > 0;
      END
      $$`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP FUNCTION record_event(uuid, text, uuid, uuid, jsonb, jsonb, text)`);
    await runner.query(`DROP TABLE webhook_deliveries`);
    await runner.query(`DROP TABLE webhook_endpoints`);
    await runner.query(`ALTER TABLE transformations DROP COLUMN webhook_url`);
  }
}
