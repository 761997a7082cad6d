import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import request from 'supertest';
import { PaymentsHousekeeping } from '../../src/payments/payments-housekeeping.js';
import { PurchasesService } from '../../src/payments/purchases.service.js';
import { TokensService } from '../../src/tokens/tokens.service.js';
import { registered, type TestUser } from '../factories/users.js';
import { picture } from '../factories/images.js';
import { FakeInference } from '../support/fake-inference.js';
import { FakeStripe, type StripeEvent } from '../support/fake-stripe.js';
import { useTestApp } from '../support/fixtures.js';
import { expectExactLedger, transfersOf } from '../support/ledger.js';
import { expectProblem } from '../support/problems.js';
import { startTestApp, type TestApp } from '../support/test-app.js';

const GRANT = 100;
const PACK = { id: 'pack-500', tokens: 500, amount: 2000 };

/** Fisher-Yates with a small linear congruential generator (Numerical Recipes, section 7.1). */
function shuffled<T>(items: T[], seed: number): T[] {
  const result = [...items];
  let state = seed;
  for (let last = result.length - 1; last > 0; last--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = state % (last + 1);
    [result[last], result[other]] = [result[other] as T, result[last] as T];
  }
  return result;
}

describe('without a payment provider', () => {
  const app = useTestApp({ inference: new FakeInference(), worker: false });

  it('nothing is sold, and the rest works', async () => {
    const user = await registered(app);
    const response = await user.post('/v1/tokens/checkout').send({ packId: PACK.id });
    expectProblem(response, 503, 'PAYMENTS_NOT_CONFIGURED');
    expectProblem(
      await request(app.url).post('/webhooks/stripe').send({}),
      503,
      'PAYMENTS_NOT_CONFIGURED',
    );
    expect((await user.get('/v1/tokens/purchases').expect(200)).body.items).toEqual([]);
    await app.app.get(PaymentsHousekeeping).run();
  });
});

describe('a purchase', () => {
  const stripe = new FakeStripe();
  const app = {} as TestApp;
  let user: TestUser;
  let sessionId: string;

  beforeAll(async () => {
    await stripe.up();
    const env = { ...stripe.environment(), PRICE_BASE_TOKENS: '90' };
    Object.assign(app, await startTestApp({ inference: new FakeInference(), worker: false, env }));
  });
  afterAll(async () => {
    await expectExactLedger(app.dataSource);
    await app.close();
    await stripe.down();
  });
  beforeEach(async () => {
    user = await registered(app);
    sessionId = await checkout();
  });

  const checkout = async () => {
    const { body } = await user.post('/v1/tokens/checkout').send({ packId: PACK.id }).expect(201);
    expect(body).toEqual({ sessionId: expect.any(String), url: expect.stringMatching(/^https:/) });
    return body.sessionId as string;
  };
  const tell = (event: StripeEvent) => stripe.send(app, event).expect(200, { received: true });
  const balance = async () => (await user.get('/v1/tokens/balance').expect(200)).body;
  const purchases = async () => (await user.get('/v1/tokens/purchases').expect(200)).body.items;

  it('credits its tokens once it is paid, as a line of the ledger', async () => {
    expect(await balance()).toEqual({ available: GRANT, held: 0 });
    await tell(stripe.pay(sessionId));
    expect(await balance()).toEqual({ available: GRANT + 500, held: 0 });
    const [line] = (await user.get('/v1/tokens/entries').expect(200)).body.items;
    expect(line).toMatchObject({ kind: 'purchase', amount: 500, balanceAfter: GRANT + 500 });
    expect(await purchases()).toEqual([
      expect.objectContaining({ packId: PACK.id, status: 'paid', credited: 500, amountPaid: 2000 }),
    ]);
  });

  it('credits nothing while a bank transfer is on its way, and nothing if it fails', async () => {
    const { ordered, end } = stripe.payLater(sessionId);
    await tell(ordered);
    expect((await balance()).available).toBe(GRANT);
    await tell(end(false));
    expect((await balance()).available).toBe(GRANT);
    expect(await purchases()).toEqual([expect.objectContaining({ status: 'failed' })]);
  });

  it('credits when a bank transfer arrives', async () => {
    const { ordered, end } = stripe.payLater(sessionId);
    const arrived = end(true);
    await tell(arrived);
    await tell(ordered);
    expect((await balance()).available).toBe(GRANT + 500);
  });

  it('is credited once, however often and however many at a time Stripe tells of it', async () => {
    const paid = stripe.pay(sessionId);
    const again = stripe.pay(sessionId);
    await Promise.all(Array.from({ length: 20 }, (_, index) => tell(index % 2 ? paid : again)));
    expect((await balance()).available).toBe(GRANT + 500);
    expect((await transfersOf(app.dataSource, user.id)).purchase).toEqual([500]);
  });

  it('takes tokens back in proportion to the money that went back', async () => {
    await tell(stripe.pay(sessionId));
    await tell(stripe.refund(sessionId, 500));
    expect((await balance()).available).toBe(GRANT + 375);
    await tell(stripe.refund(sessionId, 1500));
    expect(await balance()).toEqual({ available: GRANT, held: 0 });
    expect(await purchases()).toEqual([expect.objectContaining({ status: 'paid', credited: 0 })]);
  });

  it('takes tokens back in a dispute, and gives them again when it is won', async () => {
    await tell(stripe.pay(sessionId));
    const { lost, won } = stripe.dispute(sessionId, 2000);
    await tell(lost);
    expect((await balance()).available).toBe(GRANT);
    await tell(won);
    expect((await balance()).available).toBe(GRANT + 500);
    // A late repetition of what was true before.
    await tell({ ...lost, body: lost.body.replace(/evt_[\w-]+/, 'evt_repeated') });
    expect((await balance()).available).toBe(GRANT + 500);
  });

  it('ends the same in whatever order its events arrive, all at once included', async () => {
    const events = () => {
      const all = [
        stripe.pay(sessionId),
        stripe.refund(sessionId, 500),
        stripe.refund(sessionId, 500),
      ];
      const { lost, won } = stripe.dispute(sessionId, 700);
      return [...all, lost, won];
    };
    for (let round = 0; round < 6; round++) {
      const before = (await balance()).available;
      const told = shuffled(events(), round);
      if (round % 3 === 2) await Promise.all(told.map((event) => tell(event)));
      else for (const event of told) await tell(event);
      expect((await balance()).available).toBe(before + 250);
      sessionId = await checkout();
    }
  });

  it('leaves a debt when its tokens are spent before the money goes back, and the next tokens pay it', async () => {
    await tell(stripe.pay(sessionId));
    const images = await Promise.all(Array.from({ length: 6 }, (_, seed) => picture({ seed })));
    const [id] = await Promise.all(images.map((image) => user.enqueue(image)));
    expect(await balance()).toEqual({ available: 60, held: 540 });
    await tell(stripe.refund(sessionId, 2000));
    expect(await balance()).toEqual({ available: 0, held: 540, owed: 440 });
    expectProblem(await user.submit(await picture()), 402, 'INSUFFICIENT_TOKENS');

    await user.post(`/v1/transformations/${id}/cancel`).expect(200);
    expect(await balance()).toEqual({ available: 0, held: 450, owed: 350 });
    await app.app.get(TokensService).grant(user.id, 50, 'for your patience');
    expect(await balance()).toEqual({ available: 0, held: 450, owed: 300 });
    await tell(stripe.pay(await checkout()));
    expect(await balance()).toEqual({ available: 200, held: 450 });
  });

  it('is made good by the reconciliation when its webhooks were lost', async () => {
    stripe.pay(sessionId);
    const refunded = await checkout();
    stripe.pay(refunded);
    stripe.refund(refunded, 1000);
    const reconcile = () => app.app.get(PurchasesService).reconcile(new Date(0));
    await reconcile();
    expect((await balance()).available).toBe(GRANT + 500 + 250);
    await Promise.all([reconcile(), reconcile()]);
    expect((await balance()).available).toBe(GRANT + 500 + 250);
  });

  it('that nobody paid expires, and a late payment still counts', async () => {
    await tell(stripe.expire(sessionId));
    expect(await purchases()).toEqual([
      expect.objectContaining({ status: 'expired', credited: 0 }),
    ]);
    await tell(stripe.pay(sessionId));
    expect((await balance()).available).toBe(GRANT + 500);
  });

  it('is no business of another user', async () => {
    await tell(stripe.pay(sessionId));
    const other = await registered(app);
    expect((await other.get('/v1/tokens/purchases').expect(200)).body.items).toEqual([]);
    expect((await other.balance()).available).toBe(GRANT);
  });

  it('of an unknown pack, or without one, is refused', async () => {
    const buy = (body: object) => user.post('/v1/tokens/checkout').send(body);
    expectProblem(await buy({ packId: 'pack-1' }), 404, 'PACK_NOT_FOUND');
    for (const body of [{}, { packId: 5 }, { packId: '' }, { packId: PACK.id, tokens: 9 }])
      expectProblem(await buy(body), 400, 'VALIDATION_FAILED');
    expectProblem(
      await request(app.url).post('/v1/tokens/checkout').send({}),
      401,
      'UNAUTHENTICATED',
    );
  });

  it('cannot be opened while Stripe is away, and says when to try again', async () => {
    stripe.broken = true;
    try {
      const response = await user.post('/v1/tokens/checkout').send({ packId: PACK.id });
      expectProblem(response, 503, 'PAYMENTS_UNAVAILABLE');
      expect(response.headers['retry-after']).toBe('30');
    } finally {
      stripe.broken = false;
    }
  });

  it.each([
    ['signed with another secret', { secret: 'whsec_of_somebody_else' }],
    ['signed an hour ago', { timestamp: Math.floor(Date.now() / 1000) - 3600 }],
  ])('is not credited by an event %s', async (_what, how) => {
    const response = await stripe.send(app, stripe.pay(sessionId), how);
    expectProblem(response, 400, 'INVALID_SIGNATURE');
    expect((await balance()).available).toBe(GRANT);
  });

  it('is not credited by an event without a signature, or changed after signing', async () => {
    const { body } = stripe.pay(sessionId);
    const post = request(app.url).post('/webhooks/stripe').set('content-type', 'application/json');
    expectProblem(await post.send(body), 400, 'INVALID_SIGNATURE');
    const changed = { sent: body.replace('2000', '9000') };
    expectProblem(await stripe.send(app, { type: 'x', body }, changed), 400, 'INVALID_SIGNATURE');
    expect((await balance()).available).toBe(GRANT);
  });

  it('of which we know nothing is acknowledged, so that Stripe does not repeat it', async () => {
    const { body } = stripe.pay(sessionId);
    await tell({
      type: 'x',
      body: body.replace(/"client_reference_id":"[^"]+"/, '"client_reference_id":"their shop"'),
    });
    await tell({ type: 'x', body: body.replace('checkout.session.completed', 'customer.created') });
    const unknown = '019aa0c2-7c1e-7d6b-9b52-0f2a5c0d1e2f';
    await tell({
      type: 'x',
      body: body.replace(/"client_reference_id":"[^"]+"/, `"client_reference_id":"${unknown}"`),
    });
    expect((await balance()).available).toBe(GRANT);
  });
});
