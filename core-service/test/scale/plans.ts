import { readFileSync } from 'node:fs';
import pg from 'pg';

/** One statement as PostgreSQL ran it: our own, pg-boss's, or inside a trigger or function. */
export interface Plan {
  statement: string;
  ms: number;
  root: PlanNode;
}

export interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows'?: number;
  'Actual Loops'?: number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

/** Makes every session on this database log the plan of every statement, nested ones included. */
export async function explainEverything(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const settings = {
    session_preload_libraries: 'auto_explain',
    'auto_explain.log_min_duration': '0',
    'auto_explain.log_nested_statements': 'on',
    'auto_explain.log_analyze': 'on',
    'auto_explain.log_format': 'json',
    // Reading the clock at every row would make it slow.
    'auto_explain.log_timing': 'off',
    // No parallel queries, as on a busy server.
    max_parallel_workers_per_gather: '0',
    jit: 'off',
  };
  try {
    for (const [name, value] of Object.entries(settings)) {
      const database = new URL(url).pathname.slice(1);
      await client.query(`ALTER DATABASE ${database} SET ${name} = '${value}'`);
    }
  } finally {
    await client.end();
  }
}

const ENTRY = /duration: ([\d.]+) ms {2}plan:\n((?:\t.*\n)+)/g;

/** Every plan in a server's log, from this byte on. */
export function readPlans(log: string, from = 0): Plan[] {
  const text = readFileSync(log).subarray(from).toString();
  return [...text.matchAll(ENTRY)].map(([, ms, json]) => {
    const entry = JSON.parse(String(json)) as { 'Query Text': string; Plan: PlanNode };
    return {
      statement: entry['Query Text'].replace(/\s+/g, ' ').trim(),
      ms: Number(ms),
      root: entry.Plan,
    };
  });
}

/** Tables that have a row for each user, picture, request or job. */
const GROWING =
  /^(users|sessions|refresh_tokens|rate_limits|accounts|holds|transfers|transformations|styles|idempotency_keys|api_keys|api_key_budgets|audit_log|job|job_common|j[0-9a-f]{16,})$/;

/** The same for the ways to sign in. */
const GROWING_SIGN_IN = /^(identities|passkeys|recovery_codes|sign_in_tickets|totp_secrets)$/;

/** Rows that a statement may read for each row it returns or changes, and rows it may read anyway. */
const ROWS_EACH = 20;
const ROWS_ANYWAY = 1_100;

/** Problems of a plan: it reads a growing table whole, or rows that it does not need. */
export function faultsOf({ root }: Plan): string[] {
  const faults: string[] = [];
  const wanted = ROWS_ANYWAY + ROWS_EACH * rowsOf(root);
  const visit = (node: PlanNode) => {
    const table = node['Relation Name'] ?? '';
    const run = (node['Actual Loops'] ?? 0) > 0;
    const growing = GROWING.test(table) || GROWING_SIGN_IN.test(table);
    if (run && node['Node Type'] === 'Seq Scan' && growing) faults.push(`reads all of ${table}`);
    const looked = rowsOf(node) + removed(node);
    if (run && looked > wanted && node['Node Type'].includes('Scan'))
      faults.push(`looks at ${looked} rows of ${table || node['Index Name']}`);
    node.Plans?.forEach(visit);
  };
  visit(root);
  return faults;
}

function rowsOf(node: PlanNode): number {
  return (node['Actual Rows'] ?? 0) * (node['Actual Loops'] ?? 1);
}

function removed(node: PlanNode): number {
  const each = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return each * (node['Actual Loops'] ?? 1);
}
