import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { registered } from '../factories/users.js';
import { FakeInference } from '../support/fake-inference.js';
import { useMailedApp, useTestApp } from '../support/fixtures.js';
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
