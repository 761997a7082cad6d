import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { DomainError } from '../../src/common/domain-error.js';
import { aCompletion, type LedgerFixture, ledgerFixture } from '../support/ledger-fixture.js';
import { expectExactLedger } from '../support/ledger.js';

const USERS = 4;
const HANDS = 16;
const STEPS_EACH = 25;

let ledger: LedgerFixture;

beforeEach(async () => {
  ledger = await ledgerFixture({ DATABASE_POOL_SIZE: String(HANDS + 2) });
});
afterEach(() => ledger.close());

/** mulberry32: the same storm for the same seed. */
function randomOf(seed: number): (below: number) => number {
  return (below) => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

it.each([1, 2, 3])(
  'keeps the ledger exact while everything happens at once (seed %i)',
  async (seed) => {
    const users = await Promise.all(Array.from({ length: USERS }, () => ledger.user(60)));
    const open: { id: string; userId: string }[] = [];
    const done = { granted: 0, held: 0, refused: 0, ended: 0, 'ended before': 0 };

    const submit = async (userId: string, price: number) => {
      try {
        const id = await ledger.transaction.run((manager) => ledger.submit(manager, userId, price));
        open.push({ id, userId });
        done.held++;
      } catch (error) {
        if (!(error instanceof DomainError) || error.code !== 'INSUFFICIENT_TOKENS') throw error;
        done.refused++;
      }
    };
    const end = async ({ id }: { id: string }, how: 'complete' | 'fail' | 'cancel') => {
      const ended = await ledger.transaction.run(async (manager) => {
        if (how === 'complete') await ledger.transformations.claim(manager, id);
        const row =
          how === 'complete'
            ? await ledger.transformations.complete(manager, id, aCompletion)
            : how === 'fail'
              ? await ledger.transformations.fail(manager, id, { code: 'X', detail: '' })
              : await ledger.transformations.cancel(manager, id);
        if (row)
          await ledger.tokens.endHold(
            manager,
            { transformationId: id },
            how === 'complete' ? 'settle' : 'release',
          );
        return row;
      });
      done[ended ? 'ended' : 'ended before']++;
    };

    const hand = async (random: (below: number) => number) => {
      for (let step = 0; step < STEPS_EACH; step++) {
        const userId = String(users[random(USERS)]);
        const what = random(10);
        // Stays in the list, so that others try to end it at the same time.
        const target = open[random(open.length)];
        if (what < 1) {
          await ledger.tokens.grant(userId, 1 + random(20), 'storm');
          done.granted++;
        } else if (what < 5 || !target) await submit(userId, 1 + random(25));
        else await end(target, what < 7 ? 'complete' : what < 9 ? 'fail' : 'cancel');
      }
    };
    await Promise.all(Array.from({ length: HANDS }, (_, i) => hand(randomOf(seed * 1000 + i))));

    await expectExactLedger(ledger.dataSource);
    // A storm in which nothing collides or is refused would prove nothing.
    for (const count of Object.values(done)) expect(count).toBeGreaterThan(0);
    const [made] = await ledger.dataSource.query<{ holds: number; ends: number }[]>(
      `SELECT count(*) FILTER (WHERE kind = 'hold')::int AS holds,
              count(*) FILTER (WHERE kind IN ('settle', 'release'))::int AS ends FROM transfers`,
    );
    expect(made).toEqual({ holds: done.held, ends: done.ended });

    for (const target of open) await end(target, 'fail');
    await expectExactLedger(ledger.dataSource);
    for (const user of users) expect((await ledger.tokens.balance(user)).held).toBe(0);
  },
);
