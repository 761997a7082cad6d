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

  async of(user: User): Promise<Session> {
    return { user, tokens: await this.transaction.run((manager) => this.open(manager, user.id)) };
  }
}
