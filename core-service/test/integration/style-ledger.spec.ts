import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type EntityManager, QueryFailedError } from 'typeorm';
import { undoLastMigration } from '../../src/database/undo-migration.js';
import { CustomStylesRepository } from '../../src/styles/custom-styles.repository.js';
import { type LedgerFixture, ledgerFixture } from '../support/ledger-fixture.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';

describe('the ledger in SQL, for styles', () => {
  let ledger: LedgerFixture;
  let styles: CustomStylesRepository;
  let ada: string;
  let bob: string;

  beforeAll(async () => {
    ledger = await ledgerFixture();
    styles = new CustomStylesRepository(ledger.dataSource);
    [ada, bob] = await Promise.all([ledger.user(1_000), ledger.user(1_000)]);
  });
  afterAll(() => ledger.close());

  type Step = (manager: EntityManager, id: string) => Promise<unknown>;

  const row =
    (price: number): Step =>
    (manager, id) =>
      styles.insert(manager, { id, userId: ada, name: 'Quilt', price, pendingUntil: new Date() });
  const hold =
    (amount: number, payer?: string): Step =>
    (manager, styleId) =>
      ledger.tokens.hold(manager, { userId: payer ?? ada, amount, styleId });
  const ready: Step = (manager, id) => styles.makeReady(manager, id, { code: [0.5], model: 'a' });
  const fail: Step = (manager, id) => styles.fail(manager, id);
  const settle: Step = (manager, id) => ledger.tokens.endHold(manager, { styleId: id }, 'settle');
  const release: Step = (manager, id) => ledger.tokens.endHold(manager, { styleId: id }, 'release');

  const transact = (id: string, ...steps: Step[]) =>
    ledger.transaction.run(async (manager) => {
      for (const step of steps) await step(manager, id);
      return id;
    });
  const held = (price = 5) => transact(randomUUID(), row(price), hold(price));
  /** The name of the constraint that refuses it, if any. */
  const refusal = async (id: string, ...steps: Step[]): Promise<string | undefined> => {
    const error: unknown = await transact(id, ...steps).catch((refused: unknown) => refused);
    if (!(error instanceof QueryFailedError)) return undefined;
    return (error.driverError as { constraint?: string }).constraint;
  };

  describe('does not commit', () => {
    it.each<[string, Step[], string]>([
      ['a pending style without its hold', [row(5)], 'style_hold_agrees'],
      ['a hold without a style', [hold(5)], 'holds_style_fkey'],
      ['a hold of less than the price', [row(5), hold(4)], 'holds_style_fkey'],
      ['a hold for a free style', [row(0), hold(5)], 'style_hold_agrees'],
      ['a second hold for a style', [row(5), hold(5), hold(5)], 'holds_pkey'],
      ['a ready style that is not settled', [row(5), hold(5), ready], 'style_hold_agrees'],
      ['a ready style that is released', [row(5), hold(5), ready, release], 'hold_agrees'],
      ['a failed style that is not released', [row(5), hold(5), fail], 'style_hold_agrees'],
      ['a failed style that is settled', [row(5), hold(5), fail, settle], 'hold_agrees'],
      ['a pending style that is settled', [row(5), hold(5), settle], 'hold_agrees'],
    ])('%s', async (_what, steps, constraint) => {
      const before = await transfersOf(ledger.dataSource, ada);
      expect(await refusal(randomUUID(), ...steps)).toBe(constraint);
      expect(await transfersOf(ledger.dataSource, ada)).toEqual(before);
    });

    it('a style paid for by another user', async () => {
      expect(await refusal(randomUUID(), row(5), hold(5, bob))).toBe('holds_style_fkey');
    });

    it('the end of a hold whose style is still pending', async () => {
      const id = await held();
      for (const end of [settle, release]) expect(await refusal(id, end)).toBe('hold_agrees');
      await transact(id, fail, release);
    });

    it('a change from a final status to another', async () => {
      const [made, failed] = [await held(), await held()];
      await transact(made, ready, settle);
      await transact(failed, fail, release);
      const become =
        (status: string, code: string): Step =>
        (manager, id) =>
          manager.query(
            `UPDATE styles SET status = $2, name = 'x', code = ${code}, model = NULL WHERE id = $1`,
            [id, status],
          );
      expect(await refusal(made, become('failed', 'NULL'))).toBe('style_hold_agrees');
      expect(await refusal(made, become('pending', 'NULL'))).toBe('style_hold_agrees');
      expect(await refusal(failed, become('ready', `'{1}'`))).toBe('style_hold_agrees');
    });

    it('a ready style without a code, or a pending one with a code', async () => {
      const set =
        (assignment: string): Step =>
        (manager, id) =>
          manager.query(`UPDATE styles SET ${assignment} WHERE id = $1`, [id]);
      const id = await held();
      expect(await refusal(id, set(`status = 'ready'`), settle)).toBe('styles_usable');
      expect(await refusal(id, set(`code = '{1}'`))).toBe('styles_ready');
      expect(await refusal(id, set(`model = 'a'`))).toBe('styles_model');
      expect(await refusal(id, set(`deleted_at = now()`))).toBe('styles_ready');
      await transact(id, fail, release);
    });

    it('a hold for both a transformation and a style, or for neither', async () => {
      const insert =
        (...ids: (string | null)[]): Step =>
        (manager) =>
          manager.query(
            `INSERT INTO holds (id, user_id, amount, transformation_id, style_id, expires_at)
             VALUES ($1, $2, 5, $3, $4, now())`,
            [randomUUID(), ada, ...ids],
          );
      const id = randomUUID();
      expect(await refusal(id, insert(id, id))).toBe('holds_one_purpose');
      expect(await refusal(id, insert(null, null))).toBe('holds_one_purpose');
    });
  });

  it('moves the hold of a ready style to revenue, and that of a failed one to its user', async () => {
    const user = await ledger.user(100);
    const of =
      (price: number): Step =>
      (manager, id) =>
        styles.insert(manager, {
          id,
          userId: user,
          name: 'Quilt',
          price,
          pendingUntil: new Date(),
        });
    await transact(randomUUID(), of(5), hold(5, user), ready, settle);
    await transact(randomUUID(), of(7), hold(7, user), fail, release);
    await transact(randomUUID(), of(0), ready);
    await transact(randomUUID(), of(0), fail);
    expect(await transfersOf(ledger.dataSource, user)).toEqual({
      admin_grant: [100],
      hold: [5, 7],
      settle: [5],
      release: [7],
    });
    expect(await ledger.tokens.balance(user)).toEqual({ available: 95, held: 0 });
    await expectExactLedger(ledger.dataSource);
  });

  it('keeps a code to the last bit of its float32 numbers', async () => {
    const code = [0.1, -1 / 3, 1e-20, 999.9999, 0].map(Math.fround);
    const id = randomUUID();
    await transact(id, row(0), (manager) => styles.makeReady(manager, id, { code, model: 'a' }));
    expect((await styles.codes(ada, [id])).get(id)).toEqual({ code, model: 'a' });
  });

  it('cannot be reverted by a migration once a style was paid for', async () => {
    await transact(randomUUID(), row(5), hold(5), ready, settle);
    const before = await transfersOf(ledger.dataSource, ada);
    const undo = async () => {
      for (;;) await undoLastMigration(ledger.dataSource);
    };
    await expect(undo()).rejects.toThrow(/null values/);
    expect(await transfersOf(ledger.dataSource, ada)).toEqual(before);
  });
});
