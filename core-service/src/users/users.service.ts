import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { User } from './user.js';
import { normaliseEmail } from './user.js';
import { type Credentials, UsersRepository } from './users.repository.js';

@Injectable()
export class UsersService {
  constructor(private readonly users: UsersRepository) {}

  /** @throws DomainError EMAIL_TAKEN */
  create(
    manager: EntityManager,
    user: { id: string; email: string; passwordHash: string | null; emailVerified?: boolean },
  ): Promise<User> {
    return this.users.insert(manager, { ...user, email: normaliseEmail(user.email) });
  }

  credentialsOf(email: string): Promise<Credentials | undefined> {
    return this.users.findCredentials(normaliseEmail(email));
  }

  find(id: string): Promise<User | undefined> {
    return this.users.findById(id);
  }

  credentials(id: string): Promise<Credentials | undefined> {
    return this.users.findCredentialsById(id);
  }

  /** Whether the password is still that of this version; it then stays so until the transaction ends. */
  holdPassword(manager: EntityManager, { id, passwordVersion }: Credentials): Promise<boolean> {
    return this.users.holdPassword(manager, id, passwordVersion);
  }

  /** Undefined if the account is gone. */
  setPassword(manager: EntityManager, id: string, hash: string): Promise<User | undefined> {
    return this.users.setPassword(manager, id, hash);
  }

  /** Another hash of the same password; nothing if the password has changed since. */
  replaceHash(id: string, hash: string, by: string): Promise<void> {
    return this.users.replaceHash(id, hash, by);
  }

  /** True for the one call that finds the address unverified and still in use. */
  verifyEmail(manager: EntityManager, id: string, email: string): Promise<boolean> {
    return this.users.verifyEmail(manager, id, email);
  }

  /** @throws DomainError EMAIL_TAKEN */
  setEmail(manager: EntityManager, id: string, email: string): Promise<void> {
    return this.users.setEmail(manager, id, normaliseEmail(email));
  }
}
