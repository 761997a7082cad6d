/** Statements that may read more rows than they return, each with its reason. */
export const ALLOWED: { statement: RegExp; reason: string }[] = [
  {
    statement: /pgboss\.(pgboss)?(queue-stats|job_common\w+)'|j\.blocking AND/,
    reason: 'upkeep by pg-boss, off the request path: its table holds the jobs of ten minutes',
  },
  {
    statement: /FROM system_balances$/,
    reason:
      'stylizer_ledger_tokens at a scrape: sums what is open, which is the backlog and not the history',
  },
  {
    statement: /FROM transformations WHERE completed_at IS NULL$/,
    reason: 'stylizer_transformations_open at a scrape: counts the backlog',
  },
  {
    statement: /system_balances\) AS all_of_them$/,
    reason: 'GET /v1/admin/trial-balance: an operator, now and then, sums all balances',
  },
];
