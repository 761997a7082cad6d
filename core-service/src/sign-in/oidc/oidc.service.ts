import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { SignUpChecks } from '../../auth/sign-up-checks/sign-up-checks.js';
import { DomainError } from '../../common/domain-error.js';
import type { OidcProvider } from '../../config/sign-in.js';
import { Transaction } from '../../database/transaction.js';
import { TokensService } from '../../tokens/tokens.service.js';
import type { User } from '../../users/user.js';
import { Email } from '../../users/users.dto.js';
import { UsersService } from '../../users/users.service.js';
import { SecurityNotices } from '../security-notices.js';
import { IdentitiesRepository } from './identities.repository.js';
import type { ProvenIdentity } from './oidc-providers.js';

/** Whose account an identity is. */
@Injectable()
export class OidcService {
  constructor(
    private readonly identities: IdentitiesRepository,
    private readonly users: UsersService,
    private readonly tokens: TokensService,
    private readonly transaction: Transaction,
    private readonly notices: SecurityNotices,
    private readonly signUpChecks: SignUpChecks,
  ) {}

  /**
   * The account that the identity is linked to; else that with its address, if both sides have verified it; else a new one.
   *
   * @throws DomainError EMAIL_NOT_ALLOWED | EMAIL_NOT_VERIFIED | ACCOUNT_EXISTS | IDENTITY_TAKEN
   */
  async userOf(provider: OidcProvider, identity: ProvenIdentity): Promise<User> {
    try {
      return await this.findOrAdopt(provider, identity);
    } catch (error) {
      // The same person, at the same moment, in another window: the account is there now.
      const raced =
        error instanceof DomainError && ['EMAIL_TAKEN', 'IDENTITY_TAKEN'].includes(error.code);
      if (!raced) throw error;
      return this.findOrAdopt(provider, identity);
    }
  }

  private async findOrAdopt(provider: OidcProvider, identity: ProvenIdentity): Promise<User> {
    const known = await this.identities.findUser(provider.id, identity.subject);
    const user = known && (await this.users.find(known));
    if (user) return user;
    const email = Email.safeParse(identity.email).data;
    if (!email || !identity.emailVerified) throw notVerified(provider);
    const existing = await this.users.credentialsOf(email);
    if (existing && !existing.emailVerified) throw accountExists(provider);
    if (!existing) this.signUpChecks.assertEmailAllowed(email);
    const { subject } = identity;
    return this.transaction.run(async (manager) => {
      const owner = existing ?? (await this.users.create(manager, newAccount(email)));
      if (!existing) await this.tokens.openAccounts(manager, owner.id, { emailVerified: true });
      const link = { provider: provider.id, subject, userId: owner.id, email };
      await this.identities.insert(manager, link);
      if (existing)
        await this.notices.send(manager, owner.id, `${provider.name} was linked to your account.`);
      return owner;
    });
  }
}

/** Without a password; the provider has verified the address. */
const newAccount = (email: string) => ({
  id: uuid(),
  email,
  passwordHash: null,
  emailVerified: true,
});

/** The same whether or not there is an account with the address. */
function notVerified({ name }: OidcProvider): DomainError {
  return new DomainError(
    'EMAIL_NOT_VERIFIED',
    `${name} has not verified your e-mail address, or does not tell it. Verify it there, or log in here with your password and link ${name}.`,
  );
}

function accountExists({ id, name }: OidcProvider): DomainError {
  return new DomainError(
    'ACCOUNT_EXISTS',
    `An account has this e-mail address, which was never verified here. Log in with its password and link ${name}: POST /v1/me/identities/${id}/start.`,
  );
}
