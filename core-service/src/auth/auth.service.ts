import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { DomainError } from '../common/domain-error.js';
import { Transaction } from '../database/transaction.js';
import { TokensService } from '../tokens/tokens.service.js';
import type { User } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { EmailVerification } from '../accounts/verification/email-verification.js';
import { PasswordCheck } from './password-check.js';
import { PasswordHasher } from './password-hasher.js';
import { assertPasswordAllowed } from './password-policy.js';
import { SessionsService, type TokenPair } from './sessions.service.js';

export interface Session {
  user: User;
  tokens: TokenPair;
}

@Injectable()
export class AuthService {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: PasswordHasher,
    private readonly sessions: SessionsService,
    private readonly tokens: TokensService,
    private readonly transaction: Transaction,
    private readonly verification: EmailVerification,
    private readonly passwordCheck: PasswordCheck,
  ) {}

  /**
   * Account, sign-up grant, first session and the mail that verifies the address, together or not at all.
   *
   * @throws DomainError WEAK_PASSWORD | EMAIL_TAKEN
   */
  async register(email: string, password: string): Promise<Session> {
    assertPasswordAllowed(password, email);
    const passwordHash = await this.passwords.hash(password);
    return this.transaction.run(async (manager) => {
      const user = await this.users.create(manager, { id: uuid(), email, passwordHash });
      await this.tokens.openAccounts(manager, user.id);
      await this.verification.begin(manager, user);
      return { user, tokens: await this.sessions.open(manager, user.id) };
    });
  }

  /** @throws DomainError INVALID_REFRESH_TOKEN | REFRESH_TOKEN_REUSED */
  async refresh(refreshToken: string): Promise<Session> {
    const { userId, ...tokens } = await this.sessions.refresh(refreshToken);
    const user = await this.users.find(userId);
    if (!user) throw new DomainError('INVALID_REFRESH_TOKEN', 'The account no longer exists.');
    return { user, tokens };
  }

  logout(refreshToken: string): Promise<void> {
    return this.sessions.close(refreshToken);
  }
}
