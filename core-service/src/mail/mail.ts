import { Inject, Injectable, Logger } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import type { EntityManager } from 'typeorm';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Tasks } from '../queue/tasks.js';

export interface Message {
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** Mail that is sent when, and only if, the caller's transaction commits; retried for a day. */
@Injectable()
export class Mail {
  private readonly logger = new Logger(Mail.name);
  /** Undefined: mail is printed. */
  private readonly transport?: Transporter;

  constructor(
    private readonly tasks: Tasks,
    @Inject(CONFIG) private readonly config: Pick<Config, 'SMTP_URL' | 'MAIL_FROM'>,
  ) {
    if (config.SMTP_URL !== 'log:') this.transport = createTransport(config.SMTP_URL);
    tasks.handle<Message>('mail', ({ data }) => this.deliver(data));
  }

  async send(manager: EntityManager, message: Message): Promise<void> {
    await this.tasks.send(manager, 'mail', message);
  }

  private async deliver(message: Message): Promise<void> {
    if (this.transport) await this.transport.sendMail({ from: this.config.MAIL_FROM, ...message });
    else this.logger.warn(`mail to ${message.to}: ${message.subject}\n${message.text}`);
  }
}
