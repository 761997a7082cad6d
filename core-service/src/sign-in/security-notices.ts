import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Mail } from '../mail/mail.js';

const ADVICE =
  'If this was not you, change your password, end your other sessions, and check how your account is signed in to.';

/** Tells the owner of an account how it can be signed in to now: whoever else did it cannot keep it quiet. */
@Injectable()
export class SecurityNotices {
  constructor(private readonly mail: Mail) {}

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
    await this.mail.send(manager, {
      to: user.email,
      subject: 'How you sign in to Stylizer has changed',
      text: `${what}\n\n${ADVICE}\n`,
      html: `<p>${escaped(what)}</p><p>${ADVICE}</p>`,
    });
  }
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
