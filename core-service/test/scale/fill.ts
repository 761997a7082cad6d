import pg from 'pg';
import { signInRows } from './fill-sign-in.js';

/** Shares of a database that has run for a year, for a number of users. */
const TRANSFORMATIONS_EACH = 5;
/** Number of the newest transformations that are still open. */
const OPEN = 500;
/** Finished jobs are deleted after ten minutes: thirty a second. */
const JOBS = 18_000;

/**
 * Fills a migrated, empty database as the service would have over a year: with U users, 5 U
 * transformations and holds, about 11 U transfers, U/2 custom styles, and a session, an idempotency key and a rate limit for
 * each user; and with the finished jobs of ten minutes. User 1 owns a twentieth of all transformations, so that deep
 * pages exist. Deterministic. Triggers are off during the fill; balances match the transfers.
 *
 * @param users at least 1,000
 */
export async function fill(url: string, users: number): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SET session_replication_role = replica; SET synchronous_commit = off;
      SET maintenance_work_mem = '1GB'; SET work_mem = '256MB'`);
    const indexes = await dropSecondaryIndexes(client);
    for (const statement of statements(users)) await client.query(statement);
    for (const definition of indexes) await client.query(definition);
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}

/** Id number n of a kind, as a UUIDv7: in the order of n, and random beyond its time. */
export const idSql = (kind: string, n: string) =>
  `(lpad(to_hex(1733000000000 + (${n})::bigint * 6), 12, '0') || '7' || substr(md5('${kind}' || (${n})), 1, 3)
    || '8' || substr(md5('${kind}' || (${n})), 4, 15))::uuid`;

export const userId = (n: number) => `(SELECT ${idSql('user', String(n))})`;

function statements(users: number): string[] {
  const all = users * TRANSFORMATIONS_EACH;
  const owner = `CASE WHEN t % 20 = 0 THEN 1 ELSE (t::bigint * 7919) % ${users} + 1 END`;
  const status = `CASE WHEN t > ${all - OPEN} THEN 'pending' WHEN t % 33 = 0 THEN 'failed'
    WHEN t % 97 = 0 THEN 'cancelled' ELSE 'completed' END`;
  // The last of them was made a minute ago, the first a year before.
  const made = `now() - interval '1 minute' - (${all} - t) * interval '1 year' / ${all}`;
  const treasury = `(SELECT id FROM accounts WHERE kind = 'treasury')`;
  const revenue = `(SELECT id FROM accounts WHERE kind = 'revenue')`;
  const account = (kind: string, n: string) => `md5('${kind}' || (${n}))::uuid`;
  return [
    `INSERT INTO users (id, email, password_hash, created_at)
     SELECT ${idSql('user', 'u')}, 'user' || u || '@example.com', 'x', now() - interval '1 year'
       FROM generate_series(1, ${users}) u`,
    `INSERT INTO purchases (id, user_id, pack_id, tokens, amount, currency, status, session_id, payment_id, created_at)
     SELECT ${idSql('purchase', 'u')}, ${idSql('user', 'u')}, 'pack-100', 100, 500, 'eur',
            CASE WHEN u % 500 = 0 THEN 'open' ELSE 'expired' END, 'cs_' || u, 'pi_' || u,
            now() - interval '1 minute' * (u % 19000)
       FROM generate_series(1, ${users}) u`,
    `INSERT INTO payment_facts (payment_id) SELECT 'pi_' || u FROM generate_series(1, ${users}) u`,
    `INSERT INTO payment_events (id, fact, received_at)
     SELECT 'evt_' || u, '{}', now() - interval '1 minute' * (u % 129000) FROM generate_series(1, ${users}) u`,
    `INSERT INTO quotes (id, user_id, price, width, height, expires_at)
     SELECT ${idSql('quote', 'u')}, ${idSql('user', 'u')}, 10, 96, 64, now() + interval '1 second' * (u % 900 + 60)
       FROM generate_series(1, ${users}) u`,
    `INSERT INTO sessions (id, user_id, created_at)
     SELECT ${idSql('session', 'u')}, ${idSql('user', 'u')}, now() - interval '1 day' * (u % 30)
       FROM generate_series(1, ${users}) u`,
    `INSERT INTO refresh_tokens (token_hash, session_id, created_at, expires_at)
     SELECT sha256(u::text::bytea), ${idSql('session', 'u')}, now(), now() + interval '1 minute' * (u % 43200 + 1)
       FROM generate_series(1, ${users}) u`,
    `INSERT INTO one_time_tokens (token_hash, user_id, purpose, email, expires_at)
     SELECT sha256(('mail' || u)::bytea), ${idSql('user', 'u')}, 'verify-email',
            'user' || u || '@example.com', now() + interval '1 minute' * (u % 4320 + 1)
       FROM generate_series(1, ${users}) u`,
    `INSERT INTO email_changes (user_id, new_email, expires_at)
     SELECT ${idSql('user', 'u')}, 'new' || u || '@example.com', now() + interval '1 minute' * (u % 1440 + 1)
       FROM generate_series(1, ${users}) u`,
    `CREATE UNLOGGED TABLE filling AS
     SELECT t, ${owner} AS u, ${status} AS status, ${idSql('transformation', 't')} AS id,
            ${idSql('user', owner)} AS user_id, ${made} AS made
       FROM generate_series(1, ${all}) t`,
    `INSERT INTO transformations (id, user_id, status, styles, options, price, width, height, original_key,
       result_key, result_bytes, result_digest, inference_ms, error_code, queued_at, started_at,
       completed_at, images_expire_at, images_deleted_at)
     SELECT id, user_id, status, '[{"id": "starry-night", "weight": 1}]',
            '{"strength": 1, "preserveColors": false, "strokeScale": 1, "quality": 90}', 10, 512, 512,
            'originals/' || id || '.jpg', CASE WHEN done THEN 'results/' || id || '-0123456789abcdef.jpg' END,
            CASE WHEN done THEN 100000 END, CASE WHEN done THEN repeat('d', 64) END,
            CASE WHEN done THEN 40 END, CASE status WHEN 'failed' THEN 'TRANSFORMATION_FAILED' END, made,
            CASE WHEN done THEN made END, CASE WHEN status <> 'pending' THEN made END,
            made + interval '30 days',
            CASE WHEN status <> 'pending' AND made < now() - interval '30 days' THEN made END
       FROM (SELECT *, status = 'completed' AS done FROM filling) f ORDER BY t`,
    `INSERT INTO holds (id, user_id, amount, transformation_id, expires_at, created_at)
     SELECT id, user_id, 10, id, made + interval '1 day', made FROM filling ORDER BY t`,
    `INSERT INTO transfers (id, kind, from_account_id, to_account_id, amount, user_id, description,
       available_after, created_at)
     SELECT ${idSql('grant', 'u')}, 'signup_grant', ${treasury}, ${account('available', 'u')}, 100000000,
            ${idSql('user', 'u')}, 'Sign-up grant', 100000000, now() - interval '1 year'
       FROM generate_series(1, ${users}) u`,
    `INSERT INTO transfers (id, kind, from_account_id, to_account_id, amount, user_id, hold_id, description,
       available_after, created_at)
     SELECT ${idSql('hold', 't')}, 'hold', ${account('available', 'u')}, ${account('held', 'u')}, 10,
            user_id, id, 'Held for a transformation', 0, made FROM filling
     UNION ALL
     SELECT ${idSql('end', 't')}, CASE status WHEN 'completed' THEN 'settle' ELSE 'release' END,
            ${account('held', 'u')},
            CASE status WHEN 'completed' THEN ${revenue} ELSE ${account('available', 'u')} END, 10, user_id,
            id, 'Paid for a transformation', 0, made FROM filling WHERE status <> 'pending'`,
    `INSERT INTO accounts (id, kind, user_id, balance)
     SELECT CASE k WHEN 'held' THEN ${account('held', 'n.u')} ELSE ${account('available', 'n.u')} END, k,
            ${idSql('user', 'n.u')},
            CASE k WHEN 'held' THEN coalesce(held, 0)
                   ELSE 100000000 - coalesce(held, 0) - coalesce(spent, 0) END
       FROM generate_series(1, ${users}) n(u)
       LEFT JOIN (SELECT u, 10 * count(*) FILTER (WHERE status = 'pending') AS held,
                         10 * count(*) FILTER (WHERE status = 'completed') AS spent
                    FROM filling GROUP BY u) sums ON sums.u = n.u,
            (VALUES ('available'), ('held')) kinds(k)`,
    `UPDATE system_balances s SET balance = CASE kind
       WHEN 'treasury' THEN -100000000::bigint * ${users}
       ELSE 10 * (SELECT count(*) FROM filling WHERE status = 'completed') END WHERE shard = 0`,
    `INSERT INTO domain_events (id, type, user_id, subject_id, created_at)
     SELECT ${idSql('event', 't')}, 'transformation.' || status, user_id, id, made FROM filling
      WHERE status <> 'pending' AND made > now() - interval '7 days'`,
    `DROP TABLE filling`,
    `INSERT INTO styles (id, user_id, status, name, price, code, pending_until, model)
     SELECT ${idSql('style', 's')}, ${idSql('user', 's')}, 'ready', 'Quilt ' || s, 0,
            array_fill(0.5::real, ARRAY[128]), now(), 'model-1'
       FROM generate_series(1, ${users / 2}) s`,
    `INSERT INTO idempotency_keys (user_id, key, fingerprint, claim, claimed_until, transformation_id, answer,
       expires_at)
     SELECT ${idSql('user', 'u')}, 'key-' || u, '\\x00', md5('claim' || u)::uuid, now(), NULL, '{}',
            now() + interval '1 hour' + interval '1 second' * (u % 80000)
       FROM generate_series(1, ${users}) u`,
    `INSERT INTO api_keys (id, user_id, name, prefix, key_hash, scopes, last_used_at)
     SELECT ${idSql('key', 'u')}, ${idSql('user', 'u')}, 'Key', 'stz_live_', sha256(('key' || u)::bytea),
            '{account:read}', now()
       FROM generate_series(1, ${users}) u`,
    `INSERT INTO api_key_budgets (api_key_id, spent_in_all)
     SELECT ${idSql('key', 'u')}, u FROM generate_series(1, ${users}) u`,
    `INSERT INTO audit_log (id, actor_id, action, subject_id)
     SELECT ${idSql('audit', 'u')}, ${idSql('user', '1')}, 'user.view', ${idSql('user', 'u')}
       FROM generate_series(1, ${users}) u`,
    `INSERT INTO rate_limits (key, points, expire)
     SELECT 'submit:' || ${idSql('user', 'u')}, 1, extract(epoch FROM now()) * 1000 + u % 60000 + 60000
       FROM generate_series(1, ${users}) u`,
    ...signInRows(users, idSql),
    `INSERT INTO pgboss.job (id, name, data, state, created_on, started_on, completed_on)
     SELECT ${idSql('job', 'j')}, 'transformations', '{}', 'completed', now() - interval '1 month', now(),
            now() - interval '1 minute'
       FROM generate_series(1, ${JOBS}) j`,
  ];
}

/** Returns the statements that recreate them. */
async function dropSecondaryIndexes(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; definition: string }>(
    `SELECT c.relname AS name, pg_get_indexdef(i.indexrelid) AS definition
       FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
      WHERE c.relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)`,
  );
  for (const { name } of rows) await client.query(`DROP INDEX ${name}`);
  return rows.map(({ definition }) => definition);
}
