import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { messageOf } from '../mail/letter.js';
import { Mail } from '../mail/mail.js';

const ADVICE =
  'If this was not you, change your password, end your other sessions, and check how your account is signed in to.';

/** Tells the owner of an account how it can be signed in to now: an intruder cannot hide the change. */
@Injectable()
export class SecurityNotices {
  constructor(
    private readonly mail: Mail,
    @Inject(CONFIG) private readonly config: Pick<Config, 'PUBLIC_URL'>,
  ) {}

  /**
   * Sent if the transaction commits.
   *
   * @param what a whole sentence; it may hold text of the user's
   */
  async send(manager: EntityManager, userId: string, what: string): Promise<void> {
    const [user] = await manager.query<{ email: string }[]>(
      `SELECT email FROM users WHERE id = $1`,
      [userId],
    );
    if (!user) return;
    const letter = {
      subject: 'How you sign in to Stylizer has changed',
      paragraphs: [what],
      closing: [ADVICE],
    };
    await this.mail.send(manager, messageOf(user.email, letter, this.config.PUBLIC_URL));
  }
}
