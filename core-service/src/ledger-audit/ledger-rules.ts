/** A rule of the ledger, as a statement that finds what breaks it: one row for each fault. */
export interface LedgerRule {
  name: string;
  /** What it means when it is broken. */
  fault: string;
  sql: string;
}

/** Each reads its tables once, whatever the number of users. */
export const LEDGER_RULES: readonly LedgerRule[] = [
  {
    name: 'balances_sum_to_zero',
    fault: 'Tokens were made or lost: the sum of all balances is not zero.',
    sql: `SELECT total FROM
            (SELECT (SELECT coalesce(sum(balance), 0) FROM accounts)
                  + (SELECT coalesce(sum(balance), 0) FROM system_balances) AS total) AS whole
           WHERE total <> 0`,
  },
  {
    name: 'balances_follow_from_transfers',
    fault: "A user's balance is not the sum of the transfers.",
    sql: `SELECT a.user_id, a.kind, a.balance, coalesce(t.sum, 0) AS should_be
            FROM accounts a
            LEFT JOIN (SELECT user_id, side.kind, sum(side.change) AS sum
                         FROM transfers, LATERAL (VALUES
                           ('available', CASE WHEN kind IN ('hold', 'refund') THEN -amount
                                              WHEN kind = 'settle' THEN 0 ELSE amount END),
                           ('held', CASE kind WHEN 'hold' THEN amount WHEN 'settle' THEN -amount
                                              WHEN 'release' THEN -amount ELSE 0 END)
                         ) AS side (kind, change)
                        GROUP BY user_id, side.kind) AS t USING (user_id, kind)
           WHERE a.user_id IS NOT NULL AND a.balance <> coalesce(t.sum, 0)`,
  },
  {
    name: 'system_balances_follow_from_transfers',
    fault: 'What the treasury gave or the revenue took is not the sum of the transfers.',
    sql: `SELECT s.kind, s.balance, t.sum AS should_be
            FROM (SELECT kind, sum(balance) AS balance FROM system_balances GROUP BY kind) AS s
            JOIN (SELECT side.kind, coalesce(sum(side.change), 0) AS sum
                    FROM (VALUES ('treasury'), ('revenue')) AS system (kind)
                    LEFT JOIN (SELECT CASE kind WHEN 'settle' THEN 'revenue' ELSE 'treasury' END AS kind,
                                      CASE WHEN kind IN ('settle', 'refund') THEN amount ELSE -amount END AS change
                                 FROM transfers WHERE kind NOT IN ('hold', 'release')) AS side USING (kind)
                   GROUP BY side.kind) AS t USING (kind)
           WHERE s.balance <> t.sum`,
  },
  {
    name: 'running_balances_are_right',
    fault: 'The balance on a ledger entry is not the one before it and its change.',
    sql: `SELECT id, user_id, available_after, before + change AS should_be
            FROM (SELECT id, user_id, available_after,
                         CASE WHEN kind IN ('hold', 'refund') THEN -amount
                              WHEN kind = 'settle' THEN 0 ELSE amount END AS change,
                         coalesce(lag(available_after) OVER (PARTITION BY user_id ORDER BY id), 0) AS before
                    FROM transfers) AS lines
           WHERE available_after <> before + change`,
  },
  {
    name: 'held_tokens_are_open_holds',
    fault: 'The held balance of a user is not the sum of the open holds.',
    sql: `SELECT a.user_id, a.balance, coalesce(h.sum, 0) AS should_be
            FROM accounts a
            LEFT JOIN (SELECT user_id, sum(amount) AS sum FROM holds h
                        WHERE NOT EXISTS (SELECT FROM transfers t
                                           WHERE t.hold_id = h.id AND t.kind IN ('settle', 'release'))
                        GROUP BY user_id) AS h USING (user_id)
           WHERE a.kind = 'held' AND a.balance <> coalesce(h.sum, 0)`,
  },
  {
    name: 'holds_open_and_end_once',
    fault: 'A hold was opened or ended more than once, or never opened.',
    sql: `SELECT h.id, count(*) FILTER (WHERE t.kind = 'hold') AS opened,
                 count(*) FILTER (WHERE t.kind IN ('settle', 'release')) AS ended
            FROM holds h LEFT JOIN transfers t ON t.hold_id = h.id
           GROUP BY h.id
          HAVING count(*) FILTER (WHERE t.kind = 'hold') <> 1
              OR count(*) FILTER (WHERE t.kind IN ('settle', 'release')) > 1
              OR bool_or(t.amount <> h.amount OR t.user_id <> h.user_id)`,
  },
  {
    name: 'transformations_agree_with_their_holds',
    fault:
      'A transformation is completed and not paid, failed and not refunded, or ended and still held.',
    sql: `SELECT x.id, x.status, e.kind AS ended_by FROM transformations x
            LEFT JOIN holds h ON h.transformation_id = x.id AND h.user_id = x.user_id AND h.amount = x.price
            LEFT JOIN transfers o ON o.hold_id = h.id AND o.kind = 'hold'
            LEFT JOIN transfers e ON e.hold_id = h.id AND e.kind IN ('settle', 'release')
           WHERE o.id IS NULL
              OR e.kind IS DISTINCT FROM (CASE WHEN x.status = 'completed' THEN 'settle'
                                               WHEN x.status IN ('failed', 'cancelled') THEN 'release' END)`,
  },
  {
    name: 'styles_agree_with_their_holds',
    fault:
      'A custom style is ready and not paid, failed and not refunded, or ended and still held.',
    sql: `SELECT x.id, x.status, e.kind AS ended_by FROM styles x
            LEFT JOIN holds h ON h.style_id = x.id AND h.user_id = x.user_id AND h.amount = x.price
            LEFT JOIN transfers o ON o.hold_id = h.id AND o.kind = 'hold'
            LEFT JOIN transfers e ON e.hold_id = h.id AND e.kind IN ('settle', 'release')
           WHERE (o.id IS NULL) <> (x.price = 0)
              OR x.price > 0 AND e.kind IS DISTINCT FROM
                   (CASE x.status WHEN 'ready' THEN 'settle' WHEN 'failed' THEN 'release' END)`,
  },
  {
    name: 'key_budgets_follow_from_holds',
    fault: 'What an API key has spent is not the sum of its holds that were not released.',
    sql: `SELECT b.api_key_id, b.spent_in_all, coalesce(h.sum, 0) AS should_be
            FROM api_key_budgets b
            LEFT JOIN (SELECT api_key_id, sum(amount) AS sum FROM holds h
                        WHERE api_key_id IS NOT NULL
                          AND NOT EXISTS (SELECT FROM transfers t WHERE t.hold_id = h.id AND t.kind = 'release')
                        GROUP BY api_key_id) AS h USING (api_key_id)
           WHERE b.spent_in_all <> coalesce(h.sum, 0)`,
  },
  {
    name: 'purchases_agree_with_the_ledger',
    fault: 'What a user got for purchases is not what the ledger says, debts counted.',
    sql: `SELECT user_id, coalesce(p.credited, 0) AS credited,
                 coalesce(t.sum, 0) - coalesce(d.owed, 0) AS in_the_ledger
            FROM (SELECT user_id, sum(credited) AS credited FROM purchases GROUP BY user_id) AS p
            FULL JOIN (SELECT user_id, sum(CASE kind WHEN 'refund' THEN -amount ELSE amount END) AS sum
                         FROM transfers WHERE kind IN ('purchase', 'refund') GROUP BY user_id) AS t USING (user_id)
            FULL JOIN (SELECT user_id, sum(remaining) AS owed FROM debts GROUP BY user_id) AS d USING (user_id)
           WHERE coalesce(p.credited, 0) <> coalesce(t.sum, 0) - coalesce(d.owed, 0)
             -- A deleted account has returned what was left.
             AND user_id NOT IN (SELECT user_id FROM account_deletions WHERE done_at IS NOT NULL)`,
  },
];
