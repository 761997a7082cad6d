import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { afterCommit, sqlState, violates } from '../../src/database/transaction.js';
import { type LedgerFixture, ledgerFixture } from '../support/ledger-fixture.js';

describe('Transaction.run', () => {
  let ledger: LedgerFixture;
  beforeAll(async () => {
    ledger = await ledgerFixture();
  });
  afterAll(() => ledger.close());

  it('retries when PostgreSQL cancels it to resolve a deadlock', async () => {
    const [one, other] = [await ledger.user(0), await ledger.user(0)];
    const bothHoldOne = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const attempts = [0, 0];
    /** Locks two users' accounts in opposite orders, which our code never does. */
    const lockBoth = (me: number, users: string[]) =>
      ledger.transaction.run(async (manager) => {
        const attempt = (attempts[me] ?? 0) + 1;
        attempts[me] = attempt;
        await ledger.tokens.lock(manager, String(users[0]));
        bothHoldOne[me]?.resolve(undefined);
        if (attempt === 1) await bothHoldOne[1 - me]?.promise;
        await ledger.tokens.lock(manager, String(users[1]));
        return me;
      });
    const done = await Promise.all([lockBoth(0, [one, other]), lockBoth(1, [other, one])]);
    expect(done).toEqual([0, 1]);
    expect(Math.max(...attempts)).toBeGreaterThan(1);
  });

  it('gives up after three attempts, and does not retry other errors', async () => {
    const failWith = async (code: string) => {
      let attempts = 0;
      const error: unknown = await ledger.transaction
        .run((manager) => {
          attempts++;
          return manager.query(`DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '${code}'; END $$`);
        })
        .catch((failed: unknown) => failed);
      return { attempts, state: sqlState(error) };
    };
    expect(await failWith('40001')).toEqual({ attempts: 3, state: '40001' });
    expect(await failWith('40P01')).toEqual({ attempts: 3, state: '40P01' });
    expect(await failWith('23505')).toEqual({ attempts: 1, state: '23505' });
  });

  it('rolls back everything when the work fails after moving tokens', async () => {
    const user = await ledger.user(50);
    const work = ledger.transaction.run(async (manager) => {
      await ledger.submit(manager, user, 20);
      throw new Error('at the last moment');
    });
    await expect(work).rejects.toThrow('at the last moment');
    expect(await ledger.tokens.balance(user)).toEqual({ available: 50, held: 0 });
  });

  it('runs after-commit work once, however many attempts it took', async () => {
    const ran: string[] = [];
    let attempts = 0;
    const user = await ledger.user(50);
    await ledger.transaction.run(async (manager) => {
      const attempt = ++attempts;
      afterCommit(manager, () => ran.push(`first of ${attempt}`));
      afterCommit(manager, () => ran.push(`second of ${attempt}`));
      await ledger.submit(manager, user, 20);
      if (attempt === 1)
        await manager.query(`DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$`);
      expect(ran).toEqual([]);
    });
    expect(ran).toEqual(['first of 2', 'second of 2']);
  });

  it('never runs after-commit work without a commit', async () => {
    const ran: string[] = [];
    const work = ledger.transaction.run((manager) => {
      afterCommit(manager, () => ran.push('ran'));
      return Promise.reject(new Error('refused'));
    });
    await expect(work).rejects.toThrow('refused');
    expect(ran).toEqual([]);
    expect(() => afterCommit(ledger.dataSource.manager, () => ran.push('ran'))).toThrow(
      'inside Transaction.run',
    );
  });

  it('recognizes a violated constraint, and no other error as one', async () => {
    const user = await ledger.user(0);
    const error: unknown = await ledger.transaction
      .run((manager) =>
        manager.query(`INSERT INTO accounts (kind, user_id) VALUES ('held', $1)`, [user]),
      )
      .catch((failed: unknown) => failed);
    expect(violates(error, 'accounts_user_kind_key')).toBe(true);
    expect(violates(error, 'users_email_key')).toBe(false);
    expect(violates(new Error('accounts_user_kind_key'), 'accounts_user_kind_key')).toBe(false);
  });
});
