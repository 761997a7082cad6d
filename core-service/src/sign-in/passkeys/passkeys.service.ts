import { Injectable } from '@nestjs/common';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';
import { v7 as uuid } from 'uuid';
import { invalidChallenge, Tickets } from '../../auth/tickets.js';
import { DomainError } from '../../common/domain-error.js';
import { Transaction } from '../../database/transaction.js';
import type { User } from '../../users/user.js';
import { SecurityNotices } from '../security-notices.js';
import { SignInRepository, waysToSignIn } from '../sign-in.repository.js';
import { type Passkey, PasskeysRepository } from './passkeys.repository.js';
import { challengeOf, invalidPasskey, RelyingParty, userHandleOf } from './relying-party.js';

const CHALLENGE_SECONDS = 300;
export const PASSKEYS_PER_USER = 20;

@Injectable()
export class PasskeysService {
  constructor(
    private readonly passkeys: PasskeysRepository,
    private readonly signIns: SignInRepository,
    private readonly tickets: Tickets,
    private readonly relyingParty: RelyingParty,
    private readonly transaction: Transaction,
    private readonly notices: SecurityNotices,
  ) {}

  list(userId: string): Promise<Passkey[]> {
    return this.passkeys.list(userId);
  }

  async creationOptions(user: User): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const known = await this.passkeys.list(user.id);
    const challenge = await this.tickets.issue('new-passkey', CHALLENGE_SECONDS, {
      userId: user.id,
    });
    return this.relyingParty.creationOptions(challenge, user, known);
  }

  /** @throws DomainError INVALID_CHALLENGE | INVALID_PASSKEY | PASSKEY_EXISTS | PASSKEY_QUOTA_EXCEEDED */
  async create(userId: string, name: string, response: RegistrationResponseJSON): Promise<Passkey> {
    const challenge = challengeOf(response.response.clientDataJSON);
    const ticket = await this.tickets.take('new-passkey', challenge);
    if (ticket.userId !== userId) throw invalidChallenge();
    const { id, publicKey, counter, transports } = await this.relyingParty.created(
      response,
      challenge,
    );
    return this.transaction.run(async (manager) => {
      const { passkeys } = await this.signIns.lockMethods(manager, userId);
      if (passkeys >= PASSKEYS_PER_USER)
        throw new DomainError(
          'PASSKEY_QUOTA_EXCEEDED',
          `An account has ${PASSKEYS_PER_USER} passkeys at most. Delete one first.`,
        );
      await this.notices.send(manager, userId, `The passkey “${name}” was added to your account.`);
      return this.passkeys.insert(manager, {
        id: uuid(),
        userId,
        credentialId: id,
        publicKey: Buffer.from(publicKey),
        signCount: counter,
        transports: transports ?? [],
        name,
      });
    });
  }

  /** @throws DomainError NOT_FOUND | LAST_SIGN_IN_METHOD */
  async remove(userId: string, id: string): Promise<void> {
    await this.transaction.run(async (manager) => {
      const methods = await this.signIns.lockMethods(manager, userId);
      if (!(await this.passkeys.remove(manager, userId, id)))
        throw new DomainError('NOT_FOUND', 'There is no such passkey.');
      if (waysToSignIn(methods) < 2)
        throw new DomainError(
          'LAST_SIGN_IN_METHOD',
          'This is the only way to sign in to the account. Set a password, link a provider or add another passkey first.',
        );
      await this.notices.send(manager, userId, 'A passkey was deleted from your account.');
    });
  }

  async requestOptions(): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return this.relyingParty.requestOptions(await this.tickets.issue('passkey', CHALLENGE_SECONDS));
  }

  /**
   * @returns the id of the user whose passkey it is
   * @throws DomainError INVALID_CHALLENGE | INVALID_PASSKEY, the same for an unknown passkey
   */
  async userOf(response: AuthenticationResponseJSON): Promise<string> {
    const challenge = challengeOf(response.response.clientDataJSON);
    await this.tickets.take('passkey', challenge);
    const known = await this.passkeys.findByCredential(response.id);
    if (!known) throw invalidPasskey();
    const { userHandle } = response.response;
    if (userHandle && userHandle !== userHandleOf(known.userId).toString('base64url'))
      throw invalidPasskey();
    const signCount = await this.relyingParty.used(response, challenge, {
      id: known.credentialId,
      publicKey: Uint8Array.from(known.publicKey),
      counter: known.signCount,
    });
    if (!(await this.passkeys.countUse(known.id, signCount))) throw invalidPasskey();
    return known.userId;
  }
}
