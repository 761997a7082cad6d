import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EntityManager } from 'typeorm';
import { QueryFailedError } from 'typeorm';
import {
  aCompletion,
  type LedgerFixture,
  ledgerFixture,
  transformationRow,
} from '../support/ledger-fixture.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';

describe('the ledger in SQL', () => {
  let ledger: LedgerFixture;
  let ada: string;
  let bob: string;

  beforeAll(async () => {
    ledger = await ledgerFixture();
    [ada, bob] = await Promise.all([ledger.user(100_000), ledger.user(100)]);
  });
  afterAll(() => ledger.close());

  const query = (sql: string, values: unknown[] = []) => ledger.dataSource.query(sql, values);
  const accountOf = async (kind: string, userId: string | null = null) => {
    const [row] = await ledger.dataSource.query<{ id: string }[]>(
      `SELECT id FROM accounts WHERE kind = $1 AND user_id IS NOT DISTINCT FROM $2`,
      [kind, userId],
    );
    return row?.id;
  };
  interface RawTransfer {
    kind: string;
    from: string | undefined;
    to: string | undefined;
    amount?: number;
    user?: string;
    hold?: string;
  }
  const transfer = (
    { kind, from, to, amount = 10, user = ada, hold }: RawTransfer,
    on: Pick<EntityManager, 'query'> = ledger.dataSource.manager,
  ) =>
    on.query(
      `INSERT INTO transfers (id, kind, from_account_id, to_account_id, amount, user_id, hold_id,
                              description, available_after)
       VALUES ($1, $2, $3, $4, $5, $6, $7, 'by hand', 0)`,
      [randomUUID(), kind, from, to, amount, user, hold ?? null],
    );

  /** The name of the constraint that refuses it, if any. */
  const refusal = async (work: () => Promise<unknown>): Promise<string | undefined> => {
    const before = await snapshot();
    const error: unknown = await work().then(
      () => undefined,
      (refused: unknown) => refused,
    );
    if (error === undefined) return undefined;
    expect(error).toBeInstanceOf(QueryFailedError);
    expect(await snapshot()).toEqual(before);
    return (error as QueryFailedError & { driverError: { constraint?: string } }).driverError
      .constraint;
  };
  const snapshot = () =>
    query(`SELECT (SELECT count(*) FROM transfers) AS transfers, (SELECT count(*) FROM holds) AS holds,
                  (SELECT json_agg(a ORDER BY a.id) FROM accounts a) AS accounts,
                  (SELECT json_agg(s ORDER BY s) FROM system_balances s) AS system`);

  /** A pending transformation that belongs to Ada, with its hold. */
  const held = async (price = 10) => {
    const id = await ledger.transaction.run((manager) => ledger.submit(manager, ada, price));
    const [hold] = await ledger.dataSource.query<{ id: string }[]>(
      `SELECT id FROM holds WHERE transformation_id = $1`,
      [id],
    );
    return { id, hold: String(hold?.id) };
  };

  it('refuses to hold more tokens than the user has, or tokens of an unknown user', async () => {
    const user = await ledger.user(9);
    const before = await snapshot();
    await expect(
      ledger.transaction.run((manager) => ledger.submit(manager, user, 10)),
    ).rejects.toMatchObject({
      code: 'INSUFFICIENT_TOKENS',
      message: 'You are out of tokens: this costs 10.',
    });
    await expect(ledger.tokens.balance(randomUUID())).rejects.toMatchObject({
      code: 'UNAUTHENTICATED',
      message: 'The account no longer exists.',
    });
    expect(await snapshot()).toEqual(before);
  });

  describe('refuses a transfer', () => {
    const WAYS: Record<string, string> = {
      signup_grant: 'treasury to available',
      purchase: 'treasury to available',
      admin_grant: 'treasury to available',
      hold: 'available to held',
      settle: 'held to revenue',
      release: 'held to available',
      refund: 'available to treasury',
    };
    const KINDS = ['available', 'held', 'treasury', 'revenue'];
    const wrong = Object.entries(WAYS).flatMap(([kind, way]) =>
      KINDS.flatMap((from) => KINDS.map((to) => `${from} to ${to}`))
        .filter((other) => other !== way)
        .map((other) => [kind, other]),
    );

    it.each(wrong)('of kind %s from %s', async (kind, way) => {
      const owner = (account: string) => (/treasury|revenue/.test(account) ? null : ada);
      const [from = '', to = ''] = String(way).split(' to ');
      const { hold } = /hold|settle|release/.test(String(kind)) ? await held() : {};
      expect(
        await refusal(async () =>
          transfer({
            kind: String(kind),
            from: await accountOf(from, owner(from)),
            to: await accountOf(to, owner(to)),
            hold,
          }),
        ),
      ).toBe('transfers_way');
    });

    it('that touches the account of another user', async () => {
      const [treasury, ofBob] = [await accountOf('treasury'), await accountOf('available', bob)];
      expect(
        await refusal(async () => transfer({ kind: 'purchase', from: treasury, to: ofBob })),
      ).toBe('transfers_way');
      expect(
        await refusal(async () => transfer({ kind: 'refund', from: ofBob, to: treasury })),
      ).toBe('transfers_way');
      const { hold } = await held();
      expect(
        await refusal(async () =>
          transfer({ kind: 'release', from: await accountOf('held', ada), to: ofBob, hold }),
        ),
      ).toBe('transfers_way');
    });

    it.each([0, -1])('of %i tokens', async (amount) => {
      expect(
        await refusal(async () =>
          transfer({
            kind: 'purchase',
            from: await accountOf('treasury'),
            to: await accountOf('available', ada),
            amount,
          }),
        ),
      ).toBe('transfers_amount_check');
    });

    it('that would overdraw the available balance, by one token', async () => {
      const buyer = await ledger.user(0);
      await ledger.transaction.run((manager) => ledger.tokens.buy(manager, buyer, 50, 'a pack'));
      const refund = async (amount: number) =>
        transfer({
          kind: 'refund',
          from: await accountOf('available', buyer),
          to: await accountOf('treasury'),
          amount,
          user: buyer,
        });
      expect(await refusal(async () => refund(51))).toBe('accounts_balance_not_negative');
      await refund(50);
      expect(await ledger.tokens.balance(buyer)).toEqual({ available: 0, held: 0 });
    });

    it('of kind hold that names no hold, and of any other kind that names one', async () => {
      const { hold } = await held();
      const [available, heldAccount] = [
        await accountOf('available', ada),
        await accountOf('held', ada),
      ];
      expect(
        await refusal(async () => transfer({ kind: 'hold', from: available, to: heldAccount })),
      ).toBe('transfers_hold_id_check');
      expect(
        await refusal(async () =>
          transfer({ kind: 'purchase', from: await accountOf('treasury'), to: available, hold }),
        ),
      ).toBe('transfers_hold_id_check');
    });

    it('that settles or releases a hold that does not exist', async () => {
      const ends = [
        ['settle', await accountOf('revenue')],
        ['release', await accountOf('available', ada)],
      ] as const;
      const from = await accountOf('held', ada);
      await held(); // Puts tokens into `held`.
      for (const [kind, to] of ends)
        expect(await refusal(async () => transfer({ kind, from, to, hold: randomUUID() }))).toBe(
          'transfers_hold_opened',
        );
    });

    it.each([
      ['settle', 'settle'],
      ['settle', 'release'],
      ['release', 'release'],
      ['release', 'settle'],
    ] as const)('that would end a hold twice: %s, then %s', async (first, second) => {
      const { id, hold } = await held();
      await held(); // Puts the tokens of another hold into `held`.
      const end = async (manager: EntityManager) => {
        await ledger.transformations.claim(manager, id);
        if (first === 'settle') await ledger.transformations.complete(manager, id, aCompletion);
        else await ledger.transformations.fail(manager, id, { code: 'X', detail: '' });
        await ledger.tokens.endHold(manager, { transformationId: id }, first);
      };
      await ledger.transaction.run(end);
      const to = second === 'settle' ? accountOf('revenue') : accountOf('available', ada);
      expect(
        await refusal(async () =>
          transfer({ kind: second, from: await accountOf('held', ada), to: await to, hold }),
        ),
      ).toBe(first === second ? 'transfers_hold_ends_once' : 'hold_agrees');
    });

    it('that opens a hold a second time', async () => {
      const { hold } = await held();
      const [from, to] = [await accountOf('available', ada), await accountOf('held', ada)];
      expect(await refusal(async () => transfer({ kind: 'hold', from, to, hold }))).toBe(
        'transfers_hold_opens_once',
      );
    });

    it('of less or more than the hold', async () => {
      const { hold } = await held(10);
      await held(10);
      const [from, to] = [await accountOf('held', ada), await accountOf('available', ada)];
      for (const amount of [9, 11])
        expect(
          await refusal(async () => transfer({ kind: 'release', from, to, hold, amount })),
        ).toBe('transfers_hold_terms');
    });

    it('that ends one user’s hold with another user’s tokens', async () => {
      const rich = await ledger.user(50);
      await ledger.transaction.run((manager) => ledger.submit(manager, rich, 10));
      const { hold } = await held();
      expect(
        await refusal(async () =>
          transfer({
            kind: 'release',
            user: rich,
            from: await accountOf('held', rich),
            to: await accountOf('available', rich),
            hold,
          }),
        ),
      ).toBe('transfers_hold_terms');
    });

    it('that grants the sign-up tokens twice', async () => {
      const [from, to] = [await accountOf('treasury'), await accountOf('available', ada)];
      await transfer({ kind: 'signup_grant', from, to });
      expect(await refusal(async () => transfer({ kind: 'signup_grant', from, to }))).toBe(
        'transfers_one_signup_grant',
      );
    });
  });

  it('computes the balance after a transfer itself, ignoring the statement’s', async () => {
    const user = await ledger.user(25);
    expect(
      await query(`SELECT available_after AS after FROM transfers WHERE user_id = $1`, [user]),
    ).toEqual([{ after: '25' }]);
  });

  it.each([
    `UPDATE transfers SET amount = amount + 1`,
    `UPDATE transfers SET description = 'nicer' WHERE false`,
    `DELETE FROM transfers`,
    `TRUNCATE transfers CASCADE`,
    `UPDATE holds SET amount = 1`,
    `UPDATE holds SET expires_at = now()`,
    `DELETE FROM holds`,
    `TRUNCATE holds CASCADE`,
    `UPDATE accounts SET balance = balance + 1 WHERE kind = 'available'`,
    `UPDATE accounts SET kind = 'treasury'`,
    `INSERT INTO accounts (kind, balance) VALUES ('treasury', 5)`,
    `INSERT INTO accounts (kind) VALUES ('treasury') ON CONFLICT (user_id, kind) DO UPDATE SET balance = 5`,
    `DELETE FROM accounts`,
    `TRUNCATE accounts CASCADE`,
    `UPDATE system_balances SET balance = 0`,
    `INSERT INTO system_balances SELECT id, kind, 1 FROM accounts WHERE kind = 'treasury'`,
    `DELETE FROM system_balances`,
    `TRUNCATE system_balances`,
    `UPDATE transformations SET price = 1`,
    `UPDATE transformations SET user_id = user_id WHERE false`,
    `DELETE FROM transformations`,
    `TRUNCATE transformations CASCADE`,
    `MERGE INTO accounts a USING (SELECT 1) s ON true WHEN MATCHED THEN UPDATE SET balance = 0`,
  ])('refuses: %s', async (statement) => {
    expect(await refusal(async () => query(statement))).toBe('ledger_append_only');
  });

  it('has one treasury and one account of each kind for a user', async () => {
    expect(
      await refusal(async () => query(`INSERT INTO accounts (kind) VALUES ('treasury')`)),
    ).toBe('accounts_user_kind_key');
    expect(
      await refusal(async () =>
        query(`INSERT INTO accounts (kind, user_id) VALUES ('held', $1)`, [ada]),
      ),
    ).toBe('accounts_user_kind_key');
    expect(
      await refusal(async () =>
        query(`INSERT INTO accounts (kind, user_id) VALUES ('revenue', $1)`, [ada]),
      ),
    ).toBe('accounts_owner');
  });

  describe('does not commit', () => {
    const run = (work: (manager: EntityManager) => Promise<unknown>) =>
      refusal(async () => ledger.transaction.run(work));
    const row = (id: string, userId = ada) => transformationRow(id, userId);

    it('a pending transformation without a hold', async () => {
      expect(
        await run((manager) => ledger.transformations.insert(manager, row(randomUUID()))),
      ).toBe('hold_agrees');
    });

    it('a hold without a transformation', async () => {
      const transformationId = randomUUID();
      const hold = { userId: ada, amount: 10, transformationId };
      expect(await run((manager) => ledger.tokens.hold(manager, hold))).toMatch(
        'holds_transformation',
      );
    });

    it('a hold whose tokens were never moved', async () => {
      const id = randomUUID();
      expect(
        await run(async (manager) => {
          await ledger.transformations.insert(manager, row(id));
          await manager.query(
            `INSERT INTO holds (id, user_id, amount, transformation_id, expires_at)
             VALUES ($1, $2, 10, $3, now())`,
            [randomUUID(), ada, id],
          );
        }),
      ).toBe('hold_agrees');
    });

    it('a hold that differs from the price', async () => {
      const id = randomUUID();
      expect(
        await run(async (manager) => {
          await ledger.tokens.hold(manager, { userId: ada, amount: 9, transformationId: id });
          await ledger.transformations.insert(manager, row(id));
        }),
      ).toBe('holds_transformation');
    });

    it('a transformation paid for by another user', async () => {
      const [id, payer] = [randomUUID(), await ledger.user(10)];
      expect(
        await run(async (manager) => {
          await ledger.tokens.hold(manager, { userId: payer, amount: 10, transformationId: id });
          await ledger.transformations.insert(manager, row(id));
        }),
      ).toBe('holds_transformation');
    });

    it('a completed one that is not settled, or is released', async () => {
      const { id } = await held();
      const complete = async (manager: EntityManager) => {
        await ledger.transformations.claim(manager, id);
        await ledger.transformations.complete(manager, id, aCompletion);
      };
      expect(await run(complete)).toBe('hold_agrees');
      expect(
        await run(async (manager) => {
          await complete(manager);
          await ledger.tokens.endHold(manager, { transformationId: id }, 'release');
        }),
      ).toBe('hold_agrees');
    });

    it('a failed or cancelled one that is not released, or is settled', async () => {
      const { id } = await held();
      const ends = [
        (manager: EntityManager) =>
          ledger.transformations.fail(manager, id, { code: 'X', detail: '' }),
        (manager: EntityManager) => ledger.transformations.cancel(manager, id),
      ];
      for (const end of ends) {
        expect(await run(end)).toBe('hold_agrees');
        expect(
          await run(async (manager) => {
            await end(manager);
            await ledger.tokens.endHold(manager, { transformationId: id }, 'settle');
          }),
        ).toBe('hold_agrees');
      }
    });

    it.each(['settle', 'release'] as const)('a %s of an unfinished one', async (end) => {
      const { id } = await held();
      expect(
        await run((manager) => ledger.tokens.endHold(manager, { transformationId: id }, end)),
      ).toBe('hold_agrees');
    });

    it('a change from a final status to another', async () => {
      const { id } = await held();
      await ledger.transaction.run(async (manager) => {
        await ledger.transformations.cancel(manager, id);
        await ledger.tokens.endHold(manager, { transformationId: id }, 'release');
      });
      expect(
        await run((manager) =>
          manager.query(
            `UPDATE transformations SET status = 'pending', completed_at = NULL WHERE id = $1`,
            [id],
          ),
        ),
      ).toBe('hold_agrees');
    });
  });

  it('moves settled holds to revenue and released holds to their user', async () => {
    const before = await ledger.tokens.systemBalances();
    const user = await ledger.user(30);
    const [first, second] = await ledger.transaction.run(async (manager) => [
      await ledger.submit(manager, user, 10),
      await ledger.submit(manager, user, 20),
    ]);
    expect(await ledger.tokens.balance(user)).toEqual({ available: 0, held: 30 });
    const { held, revenue, treasury } = before;
    expect(await ledger.tokens.systemBalances()).toEqual({
      held: held + 30,
      revenue,
      treasury: treasury - 30,
    });
    await ledger.transaction.run(async (manager) => {
      await ledger.transformations.claim(manager, String(first));
      await ledger.transformations.complete(manager, String(first), aCompletion);
      await ledger.tokens.endHold(manager, { transformationId: String(first) }, 'settle');
      await ledger.transformations.cancel(manager, String(second));
      await ledger.tokens.endHold(manager, { transformationId: String(second) }, 'release');
    });
    expect(await ledger.tokens.balance(user)).toEqual({ available: 20, held: 0 });
    expect(await ledger.tokens.systemBalances()).toEqual({
      held,
      revenue: revenue + 10,
      treasury: treasury - 30,
    });
    expect(await transfersOf(ledger.dataSource, user)).toEqual({
      admin_grant: [30],
      hold: [10, 20],
      settle: [10],
      release: [20],
    });
    await expectExactLedger(ledger.dataSource);
  });

  it('locks one user’s tokens until the transaction ends, and no other user’s', async () => {
    const lockNow = (user: string) =>
      query(`SELECT FROM accounts WHERE user_id = $1 AND kind = 'available' FOR UPDATE NOWAIT`, [
        user,
      ]);
    await ledger.transaction.run(async (manager) => {
      await ledger.tokens.lock(manager, ada);
      await expect(lockNow(ada)).rejects.toThrow('could not obtain lock');
      await lockNow(bob);
    });
    await lockNow(ada);
  });
});
