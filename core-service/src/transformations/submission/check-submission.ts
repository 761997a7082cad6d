import { Injectable } from '@nestjs/common';
import type { Principal } from '../../common/principal.js';
import { StylesService } from '../../styles/styles.service.js';
import { WebhookEndpointsService } from '../../webhooks/webhook-endpoints.service.js';
import type { SubmissionForm } from './submission-form.js';

/** Whether the principal may use what a submission names. */
@Injectable()
export class CheckSubmission {
  constructor(
    private readonly styles: StylesService,
    private readonly webhooks: WebhookEndpointsService,
  ) {}

  /**
   * @throws DomainError STYLE_NOT_FOUND | STYLE_OUTDATED | URL_NOT_ALLOWED | WEBHOOK_SECRET_REQUIRED |
   *   WEBHOOK_ENDPOINT_DISABLED
   */
  async check(principal: Principal, { styles, webhookUrl }: SubmissionForm): Promise<void> {
    await this.styles.assertUsable(
      principal,
      styles.map(({ id }) => id),
    );
    if (webhookUrl) await this.webhooks.assertSigned(principal, webhookUrl);
  }
}
