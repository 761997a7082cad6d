import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { Logger } from '@nestjs/common';
import { registered } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useMailedApp, useTestApp } from '../support/fixtures.js';
import { Mailbox } from '../support/mailbox.js';
import { startTestApp, type TestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

const VERIFY = /^Verify/;

describe('mail', () => {
  const { app, mailbox } = useMailedApp();
  const jobs = () =>
    app.dataSource.query<{ state: string; retry_count: number; output: object | null }[]>(
      `SELECT state, retry_count, output FROM pgboss.job WHERE name = 'mail' ORDER BY created_on`,
    );
  beforeEach(() => app.dataSource.query(`DELETE FROM pgboss.job WHERE name = 'mail'`));
  afterEach(async () => {
    mailbox.busy = 0;
    await mailbox.down();
    await mailbox.up();
  });
  const hurry = () =>
    app.dataSource.query(
      `UPDATE pgboss.job SET start_after = now() WHERE name = 'mail' AND state = 'retry'`,
    );

  it('arrives when the server was down at first', async () => {
    await mailbox.down();
    const user = await registered(app);
    await until(jobs, (all) => all[0]?.state === 'retry');
    await mailbox.up();
    await hurry();
    await mailbox.mail(user.email, VERIFY);
    expect(mailbox.of(user.email)).toHaveLength(1);
  });

  it('arrives when the server asked to come back later, with the id of the task', async () => {
    mailbox.busy = 1;
    const user = await registered(app);
    await until(jobs, (all) => all[0]?.state === 'retry');
    await hurry();
    const { messageId } = await mailbox.mail(user.email, VERIFY);
    const [job] = await app.dataSource.query<{ id: string }[]>(
      `SELECT id FROM pgboss.job WHERE name = 'mail'`,
    );
    expect(messageId).toBe(`<${job?.id}@localhost>`);
  });

  it('is given up when the server knows no such address, and no record names the address', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn');
    try {
      mailbox.unknown.add('nobody@example.com');
      const user = await registered(app, 'nobody@example.com');
      const [job] = await until(jobs, (all) => all[0]?.state === 'completed');
      expect(job?.retry_count).toBe(0);
      expect(mailbox.of(user.email)).toEqual([]);
      expect(warn.mock.calls.flat().join(' ')).toMatch(/EENVELOPE 550/);
      expect(warn.mock.calls.flat().join(' ')).not.toContain('nobody@');
    } finally {
      warn.mockRestore();
    }
  });

  it('that fails leaves no address in the queue', async () => {
    await mailbox.down();
    const user = await registered(app);
    const [job] = await until(jobs, (all) => all[0]?.state === 'retry');
    expect(JSON.stringify(job?.output)).toContain('ESOCKET');
    expect(JSON.stringify(job?.output)).not.toContain(user.email);
  });
});

describe('mail with a password, through a server without TLS,', () => {
  const mailbox = new Mailbox();
  beforeAll(() => mailbox.up());
  afterAll(() => mailbox.down());
  const sendOver = async (query: string, check: (app: TestApp) => Promise<unknown>) => {
    const SMTP_URL = `${mailbox.url.replace('//', '//user:secret@')}${query}`;
    const app = await startTestApp({ inference: new FakeInference(), env: { SMTP_URL } });
    try {
      await check(app);
    } finally {
      await app.close();
    }
  };

  it('is not sent, unless the URL allows it', async () => {
    await sendOver('', async (app) => {
      await registered(app, 'secret@example.com');
      const [job] = await until(
        () => app.dataSource.query(`SELECT output FROM pgboss.job WHERE name = 'mail'`),
        ([job]) => job?.output,
      );
      expect(job.output.message).toMatch(/was not accepted: ETLS/);
    });
    await sendOver('?requireTLS=false', async (app) => {
      await registered(app, 'open@example.com');
      await mailbox.mail('open@example.com', VERIFY);
    });
    expect(mailbox.of('secret@example.com')).toEqual([]);
  });
});

describe('mail without a server', () => {
  const app = useTestApp({ inference: new FakeInference() });

  it('is printed', async () => {
    const warn = jest.spyOn(Logger.prototype, 'warn');
    try {
      const user = await registered(app);
      const printed = () => warn.mock.calls.map(([message]) => String(message));
      const [message] = await until(printed, (all) => all.some((one) => one.includes(user.email)));
      expect(message).toContain('POST /v1/auth/verify-email');
      expect(message).toMatch(/#token=[\w-]{43}\n/);
    } finally {
      warn.mockRestore();
    }
  });
});
