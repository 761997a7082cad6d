import { randomUUID } from 'node:crypto';
import type { Type } from '@nestjs/common';
import { Transaction } from '../../src/database/transaction.js';
import { PaymentsHousekeeping } from '../../src/payments/payments-housekeeping.js';
import { PurchasesRepository } from '../../src/payments/purchases.repository.js';
import { TokensService } from '../../src/tokens/tokens.service.js';
import { QuotesRepository } from '../../src/transformations/quoting/quotes.repository.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import type { TestApp } from '../support/test-app.js';

export const PAYMENT_REPOSITORIES: Type[] = [PurchasesRepository, QuotesRepository];

/** What a purchase goes through, and a quote. */
export async function payments({ app, ...rest }: TestApp): Promise<void> {
  const user = await registered(rest);
  const purchases = app.get(PurchasesRepository);
  const [id, paymentId, asOf] = [randomUUID(), `pi_${randomUUID()}`, new Date()];
  const fact = { kind: 'refund', paymentId, amount: 500, asOf } as const;
  await app.get(Transaction).run(async (manager) => {
    const pack = { packId: 'pack-100', tokens: 100, amount: 500, currency: 'eur' };
    await purchases.insert(manager, { id, userId: user.id, ...pack });
    await purchases.lockPayment(manager, paymentId);
    await purchases.lock(manager, id);
    await purchases.paymentOf(manager, id);
    const paid = { status: 'paid', amountPaid: 500, credited: 0 } as const;
    await purchases.update(manager, id, { ...paid, paymentId });
    await purchases.recordEvent(manager, `evt_${id}`, fact);
    await purchases.recordReturn(manager, fact);
    await purchases.lockByPayment(manager, paymentId);
    await purchases.returned(manager, paymentId);
    await app.get(TokensService).buy(manager, user.id, 500, 'bought');
    const back = { purchaseId: id, reason: 'money back' };
    await app.get(TokensService).takeBack(manager, user.id, 500, back);
  });
  await purchases.setSession(id, `cs_${id}`);
  await user.get('/v1/tokens/purchases').expect(200);
  await app.get(PaymentsHousekeeping).run();

  const asked = { width: 96, height: 64, style: 'starry-night' };
  const { body } = await user.post('/v1/transformations/quote').send(asked).expect(200);
  await user
    .submit(await picture())
    .field('quoteId', body.id)
    .expect(201);
}
