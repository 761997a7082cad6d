import { Inject, Injectable, Logger } from '@nestjs/common';
import { createTransport, type Transporter } from 'nodemailer';
import type { EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { SecretBox } from '../common/secret-box.js';
import type { Config } from '../config/config.js';
import { CONFIG } from '../config/config.module.js';
import { Tasks } from '../queue/tasks.js';

export interface Message {
  to: string;
  subject: string;
  text: string;
  html: string;
}

interface SmtpError {
  code?: string;
  /** What the server was answering. */
  command?: string;
  responseCode?: number;
}

const CONNECT_MS = 10_000;
/** Of silence. */
const SOCKET_MS = 30_000;

/**
 * Mail that is sent when, and only if, the caller's transaction commits; retried for a day. The queue holds
 * it sealed, since it may contain a token.
 */
@Injectable()
export class Mail {
  private readonly logger = new Logger(Mail.name);
  /** Undefined: mail is printed. */
  private readonly transport?: Transporter;

  constructor(
    private readonly tasks: Tasks,
    private readonly box: SecretBox,
    @Inject(CONFIG) private readonly config: Pick<Config, 'SMTP_URL' | 'MAIL_FROM' | 'PUBLIC_URL'>,
  ) {
    if (config.SMTP_URL !== 'log:')
      this.transport = createTransport({
        url: config.SMTP_URL,
        // A password goes over TLS only, unless the URL says `?requireTLS=false`.
        requireTLS: new URL(config.SMTP_URL).username !== '',
        connectionTimeout: CONNECT_MS,
        greetingTimeout: CONNECT_MS,
        socketTimeout: SOCKET_MS,
        // A message is text of ours: it reads no file and fetches nothing.
        disableFileAccess: true,
        disableUrlAccess: true,
      });
    tasks.handle<{ sealed: string }>('mail', ({ id, data }) =>
      this.deliver(id, JSON.parse(box.open(data.sealed, id).toString()) as Message),
    );
  }

  async send(manager: EntityManager, message: Message): Promise<void> {
    const id = uuid();
    const sealed = this.box.seal(JSON.stringify(message), id);
    await this.tasks.send(manager, 'mail', { sealed }, { id });
  }

  private async deliver(id: string, message: Message): Promise<void> {
    if (!this.transport) {
      this.logger.warn(`mail to ${message.to}: ${message.subject}\n${message.text}`);
      return;
    }
    const sending = this.transport.sendMail({
      ...message,
      from: this.config.MAIL_FROM,
      // The same at every attempt, so that a copy is recognised.
      messageId: `<${id}@${new URL(this.config.PUBLIC_URL).hostname}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    const failure = await sending.then(
      () => undefined,
      (error: SmtpError) => error,
    );
    if (!failure) return;
    const { code = 'unknown', command, responseCode = 0 } = failure;
    // Not the server's own words, which may name the address.
    const reason = responseCode ? `${code} ${responseCode}` : code;
    // No further attempt changes that the address does not exist.
    if (command === 'RCPT TO' && responseCode >= 500)
      this.logger.warn(`mail ${id} was refused for its address (${reason}) and is given up`);
    else throw new Error(`mail ${id} was not accepted: ${reason}`);
  }
}
