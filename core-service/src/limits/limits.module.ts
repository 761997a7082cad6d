import { Global, Module } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { ConcurrentRequests } from './concurrent-requests.js';
import { RequestBudget } from './request-budget.js';
import { SpendRequest } from './spend-request.interceptor.js';

@Global()
@Module({
  providers: [
    ConcurrentRequests,
    RequestBudget,
    { provide: APP_INTERCEPTOR, useClass: SpendRequest },
  ],
  exports: [ConcurrentRequests],
})
export class LimitsModule {}
