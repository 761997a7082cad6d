import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Response } from 'supertest';
import { TokensService } from '../../src/tokens/tokens.service.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { command } from '../support/command.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { expectProblem } from '../support/problems.js';

interface Entry {
  id: string;
  kind: string;
  amount: number;
  balanceAfter: number;
  transformationId?: string;
  createdAt: string;
}

describe('tokens', () => {
  const app = useTestApp({ inference: new FakeInference() });
  const user = useUser(app, beforeEach);

  const entries = (query = '') => user.get(`/v1/tokens/entries${query}`);

  it('are listed entry by entry, newest first, with correct balances', async () => {
    await app.app.get(TokensService).grant(user.id, 7, 'A gift');
    const first = await user.submit(await picture()).expect(201);
    const pending = await user
      .submit(await picture())
      .set('prefer', 'respond-async')
      .expect(202);
    await user.post(`/v1/transformations/${pending.body.id}/cancel`);

    const lines: Entry[] = (await entries().expect(200)).body.items;
    expect(lines.slice(-4)).toEqual([
      expect.objectContaining({
        kind: 'settle',
        amount: 0,
        transformationId: first.body.id,
        description: 'Paid for a transformation',
      }),
      expect.objectContaining({
        kind: 'hold',
        amount: -10,
        transformationId: first.body.id,
        description: 'Held for a transformation',
      }),
      {
        id: expect.any(String),
        kind: 'admin_grant',
        amount: 7,
        balanceAfter: 107,
        description: 'A gift',
        createdAt: expect.stringMatching(/Z$/),
      },
      expect.objectContaining({
        kind: 'signup_grant',
        amount: 100,
        balanceAfter: 100,
        description: 'Sign-up grant',
      }),
    ]);
    let balance = 0;
    for (const { amount, balanceAfter } of lines.toReversed())
      expect((balance += amount)).toBe(balanceAfter);
    expect(lines.map(({ createdAt }) => createdAt)).toEqual(
      lines
        .map(({ createdAt }) => createdAt)
        .toSorted()
        .toReversed(),
    );
  });

  it('are paged without losing or repeating an entry, even while new ones arrive', async () => {
    const tokens = app.app.get(TokensService);
    for (let i = 1; i <= 6; i++) await tokens.grant(user.id, i, `gift ${i}`);
    const seen: Entry[] = [];
    let cursor: string | null = null;
    do {
      const page: Response = await entries(`?limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...page.body.items);
      cursor = page.body.nextCursor;
      await tokens.grant(user.id, 1, 'meanwhile');
    } while (cursor);
    expect(seen.map(({ amount }) => amount)).toEqual([6, 5, 4, 3, 2, 1, 100]);
  });

  it.each(['limit=0', 'limit=101', 'limit=ten', 'limit=1.5', 'cursor=banana', 'page=2'])(
    'are not listed with the invalid query ?%s',
    async (query) => {
      expectProblem(await entries(`?${query}`), 400, 'VALIDATION_FAILED');
    },
  );

  it('of one user are not visible to another', async () => {
    const other = await registered(app);
    await app.app.get(TokensService).grant(other.id, 500, 'not yours');
    expect((await entries().expect(200)).body.items).toHaveLength(1);
    expect(await user.balance()).toEqual({ available: 100, held: 0 });
  });

  describe('granted by an operator', () => {
    const grant = (...args: string[]) => command(app, 'grant', ...args);

    it('are recorded in the ledger with the reason', async () => {
      const { code, output } = await grant(
        ...['--email', user.email.toUpperCase(), '--tokens', '500', '--reason', 'A sorry'],
      );
      expect({ code, output }).toEqual({
        code: 0,
        output: `granted 500 tokens to ${user.email}: 600 available\n`,
      });
      expect((await entries().expect(200)).body.items[0]).toMatchObject({
        kind: 'admin_grant',
        amount: 500,
        balanceAfter: 600,
        description: 'A sorry',
      });
      await expectExactLedger(app.dataSource);
    });

    it('are refused for an unknown account, a missing reason or a fractional amount', async () => {
      const refused = await Promise.all([
        grant('--email', 'nobody@example.com', '--tokens', '5', '--reason', 'x'),
        grant('--email', user.email, '--tokens', '5', '--reason', ''),
        grant('--email', user.email, '--tokens=-5', '--reason', 'x'),
        grant('--email', user.email, '--tokens', '1.5', '--reason', 'x'),
      ]);
      expect(refused.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
      expect(refused[0]?.output).toContain('no account with the e-mail nobody@example.com');
      for (const { output } of refused.slice(1)) expect(output).toContain('usage: make grant');
      for (const { output } of refused) expect(output).not.toMatch(/^\s+at /m);
      expect(await transfersOf(app.dataSource, user.id)).toEqual({ signup_grant: [100] });
    }, 60_000);
  });
});
