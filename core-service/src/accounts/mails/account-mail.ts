import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Config } from '../../config/config.js';
import { CONFIG } from '../../config/config.module.js';
import { type Letter, messageOf } from '../../mail/letter.js';
import { Mail } from '../../mail/mail.js';
import { TOKEN_HOURS } from '../verification/one-time-tokens.js';

const NOT_ASKED = 'If you did not ask for this, ignore this mail: nothing changes.';
const RESET_IT =
  'If this was not you, set a new password at once with POST /v1/auth/password/forgot; that ends all sessions.';

/** The mails about an account. */
@Injectable()
export class AccountMail {
  constructor(
    private readonly mail: Mail,
    @Inject(CONFIG) private readonly config: Pick<Config, 'PUBLIC_URL'>,
  ) {}

  verification(manager: EntityManager, to: string, token: string): Promise<void> {
    return this.send(manager, to, {
      subject: 'Verify your e-mail address',
      paragraphs: [
        `Somebody, probably you, opened a Stylizer account with ${to}. Verify that the address is yours.`,
      ],
      action: {
        label: 'Verify my address',
        page: '/verify-email',
        call: 'POST /v1/auth/verify-email',
        token,
      },
      closing: [lasting(TOKEN_HOURS['verify-email']), NOT_ASKED],
    });
  }

  passwordReset(manager: EntityManager, to: string, token: string): Promise<void> {
    return this.send(manager, to, {
      subject: 'Set a new password',
      paragraphs: [`Somebody, probably you, asked for a new password for ${to}.`],
      action: {
        label: 'Set a new password',
        page: '/reset-password',
        call: 'POST /v1/auth/password/reset',
        token,
        fields: { password: 'your new password' },
      },
      closing: [lasting(TOKEN_HOURS['reset-password']), NOT_ASKED],
    });
  }

  passwordChanged(manager: EntityManager, to: string): Promise<void> {
    return this.send(manager, to, {
      subject: 'Your password was changed',
      paragraphs: [
        `The password of your account ${to} was changed, and other sessions were ended.`,
      ],
      closing: [RESET_IT],
    });
  }

  confirmOldAddress(
    manager: EntityManager,
    to: string,
    newEmail: string,
    token: string,
  ): Promise<void> {
    return this.send(manager, to, {
      subject: 'Confirm the change of your e-mail address',
      paragraphs: [
        `Your account is to move from ${to} to ${newEmail}. It moves when both addresses have confirmed it.`,
      ],
      action: confirmation(token),
      closing: [
        lasting(TOKEN_HOURS['confirm-old-email']),
        `Without it nothing changes. ${RESET_IT}`,
      ],
    });
  }

  confirmNewAddress(
    manager: EntityManager,
    to: string,
    oldEmail: string,
    token: string,
  ): Promise<void> {
    return this.send(manager, to, {
      subject: 'Confirm your new e-mail address',
      paragraphs: [
        `The account ${oldEmail} is to move to this address. It moves when both addresses have confirmed it.`,
      ],
      action: confirmation(token),
      closing: [lasting(TOKEN_HOURS['confirm-new-email']), NOT_ASKED],
    });
  }

  addressChanged(manager: EntityManager, to: string, newEmail: string): Promise<void> {
    return this.send(manager, to, {
      subject: 'Your e-mail address was changed',
      paragraphs: [
        `Your account has moved from ${to} to ${newEmail}, as both addresses confirmed.`,
      ],
      closing: ['Mail about it no longer comes here.'],
    });
  }

  private send(manager: EntityManager, to: string, letter: Letter): Promise<void> {
    return this.mail.send(manager, messageOf(to, letter, this.config.PUBLIC_URL));
  }
}

function confirmation(token: string): Letter['action'] {
  return {
    label: 'Confirm the change',
    page: '/confirm-email',
    call: 'POST /v1/auth/email/confirm',
    token,
  };
}

function lasting(hours: number): string {
  return `The token works once, for ${hours === 1 ? 'one hour' : `${hours} hours`}.`;
}
