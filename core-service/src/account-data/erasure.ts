/**
 * What happens to the rows of an account that is deleted, table by table. `$1` is the user. A new table
 * with data of users needs a line here and a file in `export/exported-rows.ts`.
 */

/** When the deletion is asked for: everything that acts for the user ends. A restored account stays without. */
export const ENDED_AT_ONCE: readonly string[] = [
  `UPDATE sessions SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL`,
  `UPDATE api_keys SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL`,
  `UPDATE webhook_endpoints SET disabled_at = now(), disabled_reason = 'user'
    WHERE user_id = $1 AND disabled_at IS NULL`,
];

/**
 * When the deletion is carried out, in this order. What stays: the ledger and its holds, and the rows that
 * they refer to, without names, images and style codes; the user's row, with nothing of the person; domain
 * events, which hold ids only and are deleted after days; counters of rate limits and tickets of sign-ins, after
 * minutes; purchases, which the books need, and operators' acts in the audit log, both with ids only.
 */
export const ERASED: readonly string[] = [
  // Refresh tokens go with their sessions.
  `DELETE FROM sessions WHERE user_id = $1`,
  `DELETE FROM idempotency_keys WHERE user_id = $1`,
  `DELETE FROM account_exports WHERE user_id = $1`,
  `DELETE FROM one_time_tokens WHERE user_id = $1`,
  `DELETE FROM email_changes WHERE user_id = $1`,
  `DELETE FROM totp_secrets WHERE user_id = $1`,
  `DELETE FROM recovery_codes WHERE user_id = $1`,
  `DELETE FROM identities WHERE user_id = $1`,
  `DELETE FROM passkeys WHERE user_id = $1`,
  // Budgets go with their keys.
  `DELETE FROM api_keys WHERE user_id = $1`,
  `DELETE FROM webhook_deliveries
    WHERE endpoint_id IN (SELECT id FROM webhook_endpoints WHERE user_id = $1)`,
  `DELETE FROM webhook_endpoints WHERE user_id = $1`,
  `UPDATE transformations SET webhook_url = NULL WHERE user_id = $1 AND webhook_url IS NOT NULL`,
  `UPDATE styles SET deleted_at = now()
    WHERE user_id = $1 AND status = 'ready' AND deleted_at IS NULL`,
  // By the short index of those that are still to be erased.
  `UPDATE styles SET code = NULL, name = ''
    WHERE user_id = $1 AND deleted_at <= now() AND code IS NOT NULL`,
  // Tokens that nobody can spend any more go back to the treasury. The account is locked before its balance is read.
  `SELECT FROM accounts WHERE user_id = $1 AND kind = 'available' FOR UPDATE`,
  `SELECT transfer_tokens('refund', $1, balance, NULL, 'Returned when the account was deleted')
     FROM accounts WHERE user_id = $1 AND kind = 'available' AND balance > 0`,
  // Random, so that nobody can take the address before.
  `UPDATE users SET email = 'deleted-' || gen_random_uuid() || '@deleted.invalid', password_hash = NULL,
                    role = 'user', email_verified = false
    WHERE id = $1`,
];
