import { createHash, randomBytes } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { LiveSessions } from '../../auth/live-sessions.js';
import { DomainError } from '../../common/domain-error.js';
import type { UserPrincipal } from '../../common/principal.js';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { Transaction } from '../../database/transaction.js';
import { Mail } from '../../mail/mail.js';
import { type Task, Tasks } from '../../queue/tasks.js';
import type { User } from '../../users/user.js';
import { deletionMail } from './deletion-mail.js';
import { DeletionsRepository } from './deletions.repository.js';
import { EraseImages } from './erase-images.js';

interface DeletionTask {
  userId: string;
}

const DAY_MS = 86_400_000;
const TOKEN_BYTES = 32;
/** Requests that were let in before the account was locked have ended by then. */
const ONCE_MORE_MS = 15 * 60_000;

/**
 * Deletion of accounts. Asking ends sessions and keys and deletes all images at once; the account itself stays
 * locked, and can be restored, until the time has passed.
 */
@Injectable()
export class DeletionService {
  constructor(
    private readonly deletions: DeletionsRepository,
    private readonly images: EraseImages,
    private readonly transaction: Transaction,
    private readonly liveSessions: LiveSessions,
    private readonly tasks: Tasks,
    private readonly mail: Mail,
    @Inject(CONFIG) private readonly config: Pick<Config, 'ACCOUNT_DELETION_DAYS' | 'PUBLIC_URL'>,
  ) {
    tasks.handle<DeletionTask>('account-deletions', (task) => this.eraseImages(task));
  }

  /**
   * @param user who has proved to be the account's owner
   * @returns when it will be carried out
   */
  async request({ userId }: UserPrincipal, { email }: User): Promise<Date> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const restoreHash = hashOf(token);
    const planned = new Date(Date.now() + this.config.ACCOUNT_DELETION_DAYS * DAY_MS);
    const { deletesAt, ended } = await this.transaction.run(async (manager) => {
      await this.deletions.lockUser(manager, userId);
      const row = { userId, restoreHash, deletesAt: planned };
      const { deletesAt, isNew } = await this.deletions.request(manager, row);
      if (isNew) {
        const task: DeletionTask = { userId };
        const startAfter = new Date(Date.now() + ONCE_MORE_MS);
        await this.tasks.send(manager, 'account-deletions', task);
        await this.tasks.send(manager, 'account-deletions', task, { startAfter });
        const { PUBLIC_URL: publicUrl } = this.config;
        const mail = deletionMail({ to: email, deletesAt, token, publicUrl });
        await this.mail.send(manager, mail);
      }
      return { deletesAt, ended: await this.deletions.endSessions(manager, userId) };
    });
    for (const id of ended) this.liveSessions.forget(id);
    return deletesAt;
  }

  /** Changes nothing for an account that is not being deleted. */
  restore(userId: string): Promise<void> {
    return this.transaction.run(async (manager) => {
      await this.deletions.lockUser(manager, userId);
      await this.deletions.withdraw(manager, userId);
    });
  }

  /** @throws DomainError INVALID_CREDENTIALS */
  async restoreByToken(token: string): Promise<void> {
    await this.transaction.run(async (manager) => {
      const userId = await this.deletions.findByToken(manager, hashOf(token));
      if (!userId)
        throw new DomainError(
          'INVALID_CREDENTIALS',
          'The token is not valid: the account was restored before, or it is deleted for good.',
        );
      await this.deletions.lockUser(manager, userId);
      await this.deletions.withdraw(manager, userId);
    });
  }

  /** Accounts whose time has passed. */
  due(limit: number): Promise<string[]> {
    return this.deletions.due(limit);
  }

  /** What is left of an account, for good; later, if somebody still works for it. */
  async carryOut(userId: string): Promise<void> {
    await this.images.of(userId);
    const { transformations, styles } = await this.deletions.openWork(userId);
    if (transformations.length + styles > 0) return;
    await this.transaction.run(async (manager) => {
      await this.deletions.lockUser(manager, userId);
      if (await this.deletions.markDone(manager, userId))
        await this.deletions.erase(manager, userId);
    });
  }

  private async eraseImages({ data: { userId } }: Task<DeletionTask>): Promise<void> {
    if (await this.deletions.isRequested(userId)) await this.images.of(userId);
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
