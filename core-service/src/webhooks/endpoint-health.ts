import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Transaction } from '../database/transaction.js';
import { Mail, type Message } from '../mail/mail.js';
import { UsersService } from '../users/users.service.js';
import { WebhookDeliveriesRepository } from './webhook-deliveries.repository.js';
import type { WebhookEndpoint } from './webhook-endpoint.js';
import { WebhookEndpointsRepository } from './webhook-endpoints.repository.js';

/** After the first failure, without a success since. */
const PATIENCE_MS = 5 * 86_400_000;

/** Disables endpoints that answer no more, and tells their owners. */
@Injectable()
export class EndpointHealth {
  constructor(
    private readonly endpoints: WebhookEndpointsRepository,
    private readonly deliveries: WebhookDeliveriesRepository,
    private readonly users: UsersService,
    private readonly mail: Mail,
    private readonly transaction: Transaction,
    @Inject(CONFIG) private readonly config: Pick<Config, 'PUBLIC_URL'>,
  ) {}

  async succeeded({ id, failingSince }: WebhookEndpoint): Promise<void> {
    if (failingSince) await this.endpoints.noteSuccess(id);
  }

  /**
   * @param gone it said so itself
   */
  async failed(endpoint: WebhookEndpoint, { gone }: { gone: boolean }): Promise<void> {
    // One URL among those of many submissions tells nothing of the others.
    if (endpoint.url === null) return;
    const { id, failingSince } = endpoint;
    if (gone) return this.disable(endpoint, 'gone');
    if (!failingSince) return this.endpoints.noteFailure(id);
    if (Date.now() - failingSince.getTime() > PATIENCE_MS) await this.disable(endpoint, 'failing');
  }

  private async disable(endpoint: WebhookEndpoint, reason: 'gone' | 'failing'): Promise<void> {
    const { id, userId } = endpoint;
    const user = await this.users.find(userId);
    await this.transaction.run(async (manager) => {
      // One mail, though several attempts may find out at the same time.
      if (!(await this.endpoints.disable(manager, id, reason))) return;
      await this.deliveries.skip(manager, id);
      if (user) await this.mail.send(manager, messageOf(user.email, endpoint, reason, this.config));
    });
  }
}

function messageOf(
  to: string,
  { id, url }: WebhookEndpoint,
  reason: 'gone' | 'failing',
  { PUBLIC_URL }: Pick<Config, 'PUBLIC_URL'>,
): Message {
  const why =
    reason === 'gone'
      ? 'It answered 410 Gone.'
      : 'Nothing that we sent there got through in five days.';
  const lines = [
    `We no longer send events to your webhook endpoint ${url}`,
    why,
    `When it is ready again, enable it with PATCH ${new URL(`/v1/webhook-endpoints/${id}`, PUBLIC_URL).href} ` +
      'and {"enabled": true}. Events of the days in between are kept for a while: ask for them with ' +
      'POST …/replay.',
  ];
  return {
    to,
    subject: 'Your webhook endpoint was disabled',
    text: lines.join('\n\n'),
    html: lines.map((line) => `<p>${escaped(line)}</p>`).join('\n'),
  };
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
}
