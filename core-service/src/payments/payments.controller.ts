import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ApiProblem } from '../common/api-problem.js';
import { Authenticated, CurrentPrincipal } from '../common/authenticated.js';
import { PageQuery } from '../common/pagination.js';
import type { Principal } from '../common/principal.js';
import {
  CheckoutBody,
  CheckoutSessionBody,
  purchaseBody,
  PurchasePageBody,
} from './payments.dto.js';
import { PurchasesService } from './purchases.service.js';

@ApiTags('Tokens')
@Controller('v1/tokens')
export class PaymentsController {
  constructor(private readonly purchases: PurchasesService) {}

  @Post('checkout')
  @Authenticated()
  @ApiOperation({
    operationId: 'tokens.checkout',
    summary: 'Buy a pack of tokens',
    description:
      'Open `url` in a browser and pay there. The tokens are on the balance as soon as the payment has ' +
      'succeeded. Money that goes back takes its tokens back; if they are spent, the next tokens that come in ' +
      'pay for them.',
  })
  @ApiCreatedResponse({ standardSchema: CheckoutSessionBody })
  @ApiProblem('PACK_NOT_FOUND', 'PAYMENTS_NOT_CONFIGURED', 'PAYMENTS_UNAVAILABLE')
  checkout(
    @CurrentPrincipal() principal: Principal,
    @Body({ schema: CheckoutBody }) { packId }: CheckoutBody,
  ): Promise<CheckoutSessionBody> {
    return this.purchases.checkout(principal, packId);
  }

  @Get('purchases')
  @Authenticated('tokens:read')
  @ApiOperation({ operationId: 'tokens.purchases', summary: 'My purchases, newest first' })
  @ApiOkResponse({ standardSchema: PurchasePageBody })
  async list(
    @CurrentPrincipal() { userId }: Principal,
    @Query({ schema: PageQuery }) page: PageQuery,
  ): Promise<PurchasePageBody> {
    const { items, nextCursor } = await this.purchases.list(userId, page.limit, page.cursor);
    return { items: items.map((item) => purchaseBody(item)), nextCursor };
  }
}
