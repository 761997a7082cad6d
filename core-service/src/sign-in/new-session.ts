import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Session } from '../auth/auth.service.js';
import { SessionsService, type TokenPair } from '../auth/sessions.service.js';
import { Transaction } from '../database/transaction.js';
import type { User } from '../users/user.js';

/** The one place where a sign-in opens a session. */
@Injectable()
export class NewSession {
  constructor(
    private readonly sessions: SessionsService,
    private readonly transaction: Transaction,
  ) {}

  open(manager: EntityManager, userId: string): Promise<TokenPair> {
    return this.sessions.open(manager, userId);
  }

  /** @param first what has to hold in the transaction that opens it */
  async of(user: User, first?: (manager: EntityManager) => Promise<void>): Promise<Session> {
    const tokens = await this.transaction.run(async (manager) => {
      await first?.(manager);
      return this.open(manager, user.id);
    });
    return { user, tokens };
  }
}
