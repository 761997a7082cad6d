import pg from 'pg';

/** Counts that a backup records and a restored database must match. */
export interface Contents {
  /** Rows of each table, by `schema.table`. */
  rows: Record<string, string>;
  /** Balances of the ledger by kind of account; they add up to 0. */
  balances: Record<string, string>;
  /** Sum of all transfers. */
  transferred: string;
}

/** Counts everything in the client's current transaction. */
export async function contentsOf(client: pg.Client): Promise<Contents> {
  const tables = await client.query<{ schema: string; name: string }>(`
    SELECT n.nspname AS schema, c.relname AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND n.nspname NOT LIKE 'pg\\_%'
     ORDER BY 1, 2`);
  const rows: Record<string, string> = {};
  for (const { schema, name } of tables.rows) {
    const table = `${pg.escapeIdentifier(schema)}.${pg.escapeIdentifier(name)}`;
    rows[`${schema}.${name}`] = await one(client, `SELECT count(*) AS value FROM ${table}`);
  }
  // Backups from before 2026-11-28 have every balance in accounts.
  const system =
    'public.system_balances' in rows ? 'UNION ALL SELECT kind, balance FROM system_balances' : '';
  const balances = await client.query<{ kind: string; value: string }>(
    `SELECT kind, sum(balance)::text AS value
       FROM (SELECT kind, balance FROM accounts ${system}) AS balances GROUP BY kind ORDER BY kind`,
  );
  return {
    rows,
    balances: Object.fromEntries(balances.rows.map(({ kind, value }) => [kind, value])),
    transferred: await one(client, 'SELECT coalesce(sum(amount), 0)::text AS value FROM transfers'),
  };
}

/** @returns a sentence for each difference. */
export function differences(saved: Contents, found: Contents): string[] {
  const tables = new Set([...Object.keys(saved.rows), ...Object.keys(found.rows)]);
  const sum = Object.values(found.balances).reduce((total, value) => total + BigInt(value), 0n);
  return [
    ...[...tables]
      .filter((table) => saved.rows[table] !== found.rows[table])
      .map(
        (table) => `${table}: ${saved.rows[table] ?? 'no'} rows, now ${found.rows[table] ?? 'no'}`,
      ),
    ...Object.keys({ ...saved.balances, ...found.balances })
      .filter((kind) => saved.balances[kind] !== found.balances[kind])
      .map((kind) => `balance of ${kind}: ${saved.balances[kind]}, now ${found.balances[kind]}`),
    ...(saved.transferred === found.transferred
      ? []
      : [`transferred: ${saved.transferred}, now ${found.transferred}`]),
    ...(sum === 0n ? [] : [`the ledger's balances add up to ${sum} instead of 0`]),
  ];
}

async function one(client: pg.Client, statement: string): Promise<string> {
  const { rows } = await client.query<{ value: string }>(statement);
  return String(rows[0]?.value);
}
