import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DailyAudit } from '../../src/ledger-audit/daily-audit.js';
import { LedgerAudit } from '../../src/ledger-audit/ledger-audit.js';
import { LEDGER_RULES } from '../../src/ledger-audit/ledger-rules.js';
import { Metrics } from '../../src/metrics/metrics.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { ledgerFixture, type LedgerFixture } from '../support/ledger-fixture.js';

const METRIC = 'stylizer_ledger_faults';
const RELEASED = `(SELECT hold_id FROM transfers WHERE kind = 'release')`;

const AS = {
  completed: `status = 'completed', completed_at = now(), result_key = 'x', result_digest = 'x'`,
  failed: `status = 'failed', completed_at = now(), result_key = NULL, result_digest = NULL, error_code = 'X'`,
};

describe('the audit of the ledger', () => {
  let ledger: LedgerFixture;
  let user: string;

  beforeAll(async () => {
    ledger = await ledgerFixture();
  });
  afterAll(() => ledger.close());

  /** One transformation each that is pending, completed and failed. */
  beforeEach(async () => {
    user = await ledger.user(100);
    const { transaction, tokens } = ledger;
    for (const status of ['pending', 'completed', 'failed'] as const)
      await transaction.run(async (manager) => {
        const transformationId = await ledger.submit(manager, user, 10);
        if (status === 'pending') return;
        await manager.query(`UPDATE transformations SET ${AS[status]} WHERE id = $1`, [
          transformationId,
        ]);
        const end = status === 'completed' ? 'settle' : 'release';
        await tokens.endHold(manager, { transformationId }, end);
      });
  });

  /** What it finds after a change that only a superuser can make: no trigger runs. The change is undone. */
  const foundAfter = async (sql: string): Promise<string[]> => {
    const runner = ledger.dataSource.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query(`SET LOCAL session_replication_role = replica`);
      await runner.query(sql, sql.includes('$1') ? [user] : []);
      const broken: string[] = [];
      for (const rule of LEDGER_RULES)
        if ((await runner.query(rule.sql)).length > 0) broken.push(rule.name);
      return broken;
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  };

  it('finds nothing in a ledger that is right', async () => {
    expect(await new LedgerAudit(ledger.dataSource).run()).toEqual([]);
    expect(await foundAfter('SELECT 1')).toEqual([]);
  });

  it.each([
    [
      'tokens from nowhere',
      `UPDATE accounts SET balance = balance + 5 WHERE user_id = $1 AND kind = 'available'`,
      ['balances_sum_to_zero', 'balances_follow_from_transfers'],
    ],
    [
      'tokens moved between two balances without a transfer',
      `UPDATE accounts SET balance = balance + CASE kind WHEN 'held' THEN -10 ELSE 10 END WHERE user_id = $1`,
      ['balances_follow_from_transfers', 'held_tokens_are_open_holds'],
    ],
    [
      'revenue that nobody paid',
      `UPDATE system_balances SET balance = balance + CASE kind WHEN 'revenue' THEN 7 ELSE -7 END WHERE shard = 3`,
      ['system_balances_follow_from_transfers'],
    ],
    [
      'a transfer that was changed',
      `UPDATE transfers SET amount = amount + 1 WHERE user_id = $1 AND kind = 'admin_grant'`,
      [
        'balances_follow_from_transfers',
        'system_balances_follow_from_transfers',
        'running_balances_are_right',
      ],
    ],
    [
      'a running balance that was changed',
      `UPDATE transfers SET available_after = 1 WHERE user_id = $1 AND kind = 'settle'`,
      ['running_balances_are_right'],
    ],
    [
      'an ending that was deleted',
      `DELETE FROM transfers WHERE user_id = $1 AND kind = 'release'`,
      [
        'balances_follow_from_transfers',
        'held_tokens_are_open_holds',
        'transformations_agree_with_their_holds',
      ],
    ],
    [
      'a hold that ended twice',
      `DROP INDEX transfers_hold_ends_once;
       INSERT INTO transfers SELECT (t).* FROM (SELECT jsonb_populate_record(t, jsonb_build_object(
         'id', transfer_id(clock_timestamp()), 'kind', 'settle')) AS t FROM transfers t
          WHERE hold_id IN ${RELEASED} AND kind = 'release' LIMIT 1) AS again`,
      [
        'balances_follow_from_transfers',
        'system_balances_follow_from_transfers',
        'holds_open_and_end_once',
        'transformations_agree_with_their_holds',
      ],
    ],
    [
      'a hold that no transfer opened',
      `DELETE FROM transfers WHERE kind = 'hold' AND hold_id IN ${RELEASED}`,
      [
        'balances_follow_from_transfers',
        'running_balances_are_right',
        'holds_open_and_end_once',
        'transformations_agree_with_their_holds',
      ],
    ],
    [
      'a transformation that completed without being paid',
      `UPDATE transformations SET ${AS.completed} WHERE user_id = $1 AND status = 'pending'`,
      ['transformations_agree_with_their_holds'],
    ],
    [
      'a transformation that failed without a refund',
      `UPDATE transformations SET ${AS.failed} WHERE user_id = $1 AND status = 'completed'`,
      ['transformations_agree_with_their_holds'],
    ],
    [
      'a style that is ready without being paid',
      `INSERT INTO styles (id, user_id, name, status, price, pending_until, code)
       VALUES (gen_random_uuid(), $1, 'x', 'ready', 5, now(), ARRAY[1]::real[])`,
      ['styles_agree_with_their_holds'],
    ],
    [
      'a purchase that was credited without a transfer',
      `INSERT INTO purchases (id, user_id, pack_id, tokens, amount, currency, status, credited)
       VALUES (gen_random_uuid(), $1, 'pack', 50, 100, 'eur', 'paid', 50)`,
      ['purchases_agree_with_the_ledger'],
    ],
    [
      'a debt that was forgiven',
      `INSERT INTO debts (user_id, purchase_id, amount, remaining, note) VALUES ($1, $1, 10, 10, 'x')`,
      ['purchases_agree_with_the_ledger'],
    ],
  ])('finds %s', async (_what, sql, rules) => {
    expect(await foundAfter(sql)).toEqual(rules);
  });
});

describe('the daily audit', () => {
  const app = useTestApp({ inference: new FakeInference(), worker: false });
  const user = useUser(app, beforeAll);
  /** Rules and the number of their faults, as Prometheus reads them. */
  const faults = async () => {
    const text = await app.app.get(Metrics).registry.getSingleMetricAsString(METRIC);
    return [...text.matchAll(/^\w+\{rule="(\w+)"\} (\d+)$/gm)].map(([, rule, count]) => [
      rule,
      count,
    ]);
  };
  const audits = () => app.dataSource.query<unknown[]>(`SELECT number FROM ledger_audits`);

  it('runs once a day, in one of all workers, and shows its outcome as a metric', async () => {
    const daily = app.app.get(DailyAudit);
    expect(await faults()).toEqual([]);
    await Promise.all(Array.from({ length: 5 }, () => daily.run()));
    expect(await audits()).toHaveLength(1);
    expect(await faults()).toEqual(LEDGER_RULES.map(({ name }) => [name, '0']));

    await app.dataSource.query(`ALTER TABLE accounts DISABLE TRIGGER ALL`);
    await app.dataSource.query(
      `UPDATE accounts SET balance = balance + 1 WHERE user_id = $1 AND kind = 'available'`,
      [user.id],
    );
    await app.dataSource.query(`UPDATE ledger_audits SET started_at = now() - interval '25 hours'`);
    await daily.run();
    expect(await audits()).toHaveLength(2);
    expect((await faults()).filter(([, count]) => count !== '0')).toEqual([
      ['balances_sum_to_zero', '1'],
      ['balances_follow_from_transfers', '1'],
    ]);
  });
});
