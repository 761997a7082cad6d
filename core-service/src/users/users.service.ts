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
}
