import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { until } from './until.js';

/** A real SMTP server, and the mail that it took. */
export class Mailbox {
  readonly mails: ParsedMail[] = [];
  /** Recipients that it does not know. */
  unknown = new Set<string>();
  /** Attempts that it refuses for now. */
  busy = 0;
  private server?: SMTPServer;
  private port = 0;

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** On the same port each time. */
  async up(): Promise<void> {
    const server = new SMTPServer({
      authOptional: true,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(null, { user: 'anybody' }),
      disabledCommands: ['STARTTLS'],
      onMailFrom: (_sender, _session, done) => {
        if (this.busy-- > 0) done(refusal('Come back later', 451));
        else done();
      },
      onRcptTo: ({ address }, _session, done) => {
        if (this.unknown.has(address)) done(refusal(`No ${address} here`, 550));
        else done();
      },
      onData: (stream, _session, done) => {
        simpleParser(stream).then(
          (mail) => {
            this.mails.push(mail);
            done();
          },
          (error: Error) => done(error),
        );
      },
    });
    server.listen(this.port, '127.0.0.1');
    await once(server.server, 'listening');
    this.port = (server.server.address() as AddressInfo).port;
    this.server = server;
  }

  async down(): Promise<void> {
    await new Promise<void>((resolve) => {
      if (this.server) this.server.close(() => resolve());
      else resolve();
    });
  }

  of(address: string): ParsedMail[] {
    return this.mails.filter(({ to }) => to && !Array.isArray(to) && to.text.includes(address));
  }

  /** The address's latest mail of this subject, once it has as many as that. */
  async mail(address: string, subject: RegExp, count = 1): Promise<ParsedMail> {
    const found = await until(
      () => this.of(address).filter((mail) => subject.test(mail.subject ?? '')),
      (mails) => mails.length >= count,
    );
    return found.at(-1) as ParsedMail;
  }

  /** The token in that mail. */
  async token(address: string, subject: RegExp, count = 1): Promise<string> {
    return tokenIn(await this.mail(address, subject, count));
  }
}

export function tokenIn({ text }: ParsedMail): string {
  return String(/#token=([\w-]{43})\s/.exec(text ?? '')?.[1]);
}

function refusal(message: string, responseCode: number): Error {
  return Object.assign(new Error(message), { responseCode });
}
