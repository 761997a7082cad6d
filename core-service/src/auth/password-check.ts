import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { DomainError } from '../common/domain-error.js';
import type { User } from '../users/user.js';
import { UsersService } from '../users/users.service.js';
import { PasswordHasher } from './password-hasher.js';

/** A user whose password was right. */
export interface Checked extends User {
  passwordHash: string;
  passwordVersion: number;
}

/** Whether a password is right; replaces a hash of an older kind or cost when it is. */
@Injectable()
export class PasswordCheck {
  constructor(
    private readonly users: UsersService,
    private readonly passwords: PasswordHasher,
  ) {}

  /** @throws DomainError INVALID_CREDENTIALS, the same and as late for an unknown e-mail */
  async ofEmail(email: string, password: string): Promise<Checked> {
    const credentials = await this.users.credentialsOf(email);
    return this.check(credentials, password, 'E-mail or password is wrong.');
  }

  /** @throws DomainError INVALID_CREDENTIALS */
  async ofUser(userId: string, password: string): Promise<Checked> {
    const credentials = await this.users.credentials(userId);
    return this.check(credentials, password, 'The current password is wrong.');
  }

  /**
   * To be called in the transaction that acts on the check: the password may have changed since.
   *
   * @throws DomainError INVALID_CREDENTIALS
   */
  async hold(manager: EntityManager, checked: Checked): Promise<void> {
    if (!(await this.users.holdPassword(manager, checked)))
      throw new DomainError('INVALID_CREDENTIALS', 'The password has just been changed.');
  }

  private async check(
    credentials: (User & { passwordHash: string | null; passwordVersion: number }) | undefined,
    password: string,
    refusal: string,
  ): Promise<Checked> {
    const hash = credentials?.passwordHash ?? undefined;
    const matches = await this.passwords.matches(password, hash);
    if (!credentials || !hash || !matches) throw new DomainError('INVALID_CREDENTIALS', refusal);
    const checked = { ...credentials, passwordHash: hash };
    if (this.passwords.isOutdated(hash))
      await this.users.replaceHash(checked.id, hash, await this.passwords.hash(password));
    return checked;
  }
}
