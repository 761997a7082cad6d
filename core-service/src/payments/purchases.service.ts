import { Inject, Injectable, Logger } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { DomainError } from '../common/domain-error.js';
import { type Page, pageOf } from '../common/pagination.js';
import type { Principal } from '../common/principal.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Transaction } from '../database/transaction.js';
import { TokensService } from '../tokens/tokens.service.js';
import { UsersService } from '../users/users.service.js';
import { PaymentProvider } from './payment-provider.js';
import { type DatedFact, type Purchase, statusAfter, tokensDue } from './purchase.js';
import { PurchasesRepository } from './purchases.repository.js';

/** Token packs that users buy. Facts of the provider may come in any order, repeated and at once. */
@Injectable()
export class PurchasesService {
  private readonly logger = new Logger(PurchasesService.name);

  constructor(
    private readonly provider: PaymentProvider,
    private readonly purchases: PurchasesRepository,
    private readonly tokens: TokensService,
    private readonly users: UsersService,
    private readonly transaction: Transaction,
    @Inject(CONFIG) private readonly config: Pick<Config, 'TOKEN_PACKS' | 'PAYMENT_CURRENCY'>,
  ) {}

  /**
   * Opens a page where the user pays for a pack.
   *
   * @throws DomainError PACK_NOT_FOUND | PAYMENTS_NOT_CONFIGURED | PAYMENTS_UNAVAILABLE
   */
  async checkout(
    { userId }: Principal,
    packId: string,
  ): Promise<{ sessionId: string; url: string }> {
    this.provider.assertConfigured();
    const pack = this.config.TOKEN_PACKS.find(({ id }) => id === packId);
    if (!pack)
      throw new DomainError('PACK_NOT_FOUND', 'There is no such pack: see GET /v1/pricing.');
    const user = await this.users.find(userId);
    if (!user) throw new DomainError('UNAUTHENTICATED', 'The account no longer exists.');
    const currency = this.config.PAYMENT_CURRENCY;
    const purchaseId = uuid();
    // Before the page exists, so that no payment can come for a purchase that we do not know.
    await this.transaction.run((manager) =>
      this.purchases.insert(manager, {
        id: purchaseId,
        userId,
        packId,
        tokens: pack.tokens,
        amount: pack.amount,
        currency,
      }),
    );
    const page = await this.provider.checkout({ purchaseId, pack, currency, email: user.email });
    await this.purchases.setSession(purchaseId, page.sessionId);
    return page;
  }

  /** @throws DomainError INVALID_SIGNATURE | PAYMENTS_NOT_CONFIGURED */
  async receive(body: Buffer, signature: string): Promise<void> {
    const { id, fact } = this.provider.read(body, signature);
    if (!fact) return;
    await this.transaction.run(async (manager) => {
      if (await this.purchases.recordEvent(manager, id, fact)) await this.apply(manager, fact);
    });
  }

  /** Makes up for webhooks that were lost. Returns the number of facts read. */
  async reconcile(since: Date): Promise<number> {
    let read = 0;
    for await (const fact of this.provider.recent(since)) {
      await this.transaction.run((manager) => this.apply(manager, fact));
      read++;
    }
    return read;
  }

  /** @param before id of the last purchase of the page before */
  async list(userId: string, limit: number, before?: string): Promise<Page<Purchase>> {
    return pageOf(await this.purchases.list(userId, limit + 1, before), limit);
  }

  /** Safe to repeat: the tokens follow from what is known of the purchase, not from what is told now. */
  private async apply(manager: EntityManager, fact: DatedFact): Promise<void> {
    if (fact.paymentId) await this.purchases.lockPayment(manager, fact.paymentId);
    if (fact.kind !== 'checkout') {
      await this.purchases.recordReturn(manager, fact);
      const purchase = await this.purchases.lockByPayment(manager, fact.paymentId);
      if (purchase) await this.settle(manager, purchase, fact.paymentId);
      return;
    }
    const purchase = await this.purchases.lock(manager, fact.purchaseId);
    if (!purchase) {
      this.logger.warn(`a payment for an unknown purchase: ${fact.purchaseId}`);
      return;
    }
    const status = statusAfter(purchase.status, fact.status);
    const told = {
      ...purchase,
      status,
      amountPaid: purchase.amountPaid ?? fact.amountPaid ?? null,
    };
    const paymentId = (await this.purchases.paymentOf(manager, purchase.id)) ?? fact.paymentId;
    await this.settle(manager, told, paymentId, fact.sessionId);
  }

  /** Gives or takes back the difference between what the purchase is worth and what was credited. */
  private async settle(
    manager: EntityManager,
    purchase: Purchase,
    paymentId?: string,
    sessionId?: string,
  ): Promise<void> {
    const returned = paymentId ? await this.purchases.returned(manager, paymentId) : 0;
    const due = tokensDue(purchase, returned);
    const { id, userId, tokens, credited, status, amountPaid } = purchase;
    const change = { status, amountPaid, credited: due, paymentId, sessionId };
    await this.purchases.update(manager, id, change);
    if (due > credited)
      await this.tokens.buy(manager, userId, due - credited, `Bought ${tokens} tokens`);
    if (due < credited)
      await this.tokens.takeBack(manager, userId, credited - due, {
        purchaseId: id,
        reason: `Money back for ${tokens} tokens`,
      });
  }
}
