import { Injectable } from '@nestjs/common';
import { DomainError } from '../../common/domain-error.js';
import { Transaction } from '../../database/transaction.js';
import { SecurityNotices } from '../security-notices.js';
import { waysToSignIn, SignInRepository } from '../sign-in.repository.js';
import { type Identity, IdentitiesRepository } from './identities.repository.js';
import type { ProvenIdentity } from './oidc-providers.js';

/** The identities of an account. */
@Injectable()
export class IdentitiesService {
  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly signIns: SignInRepository,
    private readonly transaction: Transaction,
    private readonly notices: SecurityNotices,
  ) {}

  list(userId: string): Promise<Identity[]> {
    return this.identities.list(userId);
  }

  /** @throws DomainError IDENTITY_TAKEN */
  link(userId: string, provider: string, { subject, email }: ProvenIdentity): Promise<Identity> {
    return this.transaction.run(async (manager) => {
      await this.notices.send(manager, userId, `${provider} was linked to your account.`);
      return this.identities.insert(manager, { provider, subject, userId, email });
    });
  }

  /** @throws DomainError NOT_FOUND | LAST_SIGN_IN_METHOD */
  async unlink(userId: string, provider: string): Promise<void> {
    await this.transaction.run(async (manager) => {
      const methods = await this.signIns.lockMethods(manager, userId);
      if (!(await this.identities.remove(manager, userId, provider)))
        throw new DomainError('NOT_FOUND', 'No identity of this provider is linked.');
      if (waysToSignIn(methods) < 2)
        throw new DomainError(
          'LAST_SIGN_IN_METHOD',
          'This is the only way to sign in to the account. Set a password or add a passkey first.',
        );
      await this.notices.send(manager, userId, `${provider} was unlinked from your account.`);
    });
  }
}
