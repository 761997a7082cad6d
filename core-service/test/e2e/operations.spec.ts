import { beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import request from 'supertest';
import { freePort } from '../../../scripts/postgres/free-port.js';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { useTestApp, useUser } from '../support/fixtures.js';
import { startTestApp } from '../support/test-app.js';
import { until } from '../support/until.js';

async function asOperator(statement: string): Promise<void> {
  const operator = new pg.Client({ connectionString: process.env.TEST_DATABASE_URL });
  await operator.connect();
  try {
    await operator.query(statement);
  } finally {
    await operator.end();
  }
}

describe('health', () => {
  const app = useTestApp();
  const user = useUser(app, beforeAll);

  const ready = () => request(app.url).get('/health/ready');

  it('is live and ready, and lists its checks', async () => {
    expect((await request(app.url).get('/health/live').expect(200)).body).toEqual({ status: 'ok' });
    expect((await ready().expect(200)).body).toEqual({
      status: 'ok',
      checks: { database: 'ok', migrations: 'ok', storage: 'ok' },
    });
  });

  it('is live but not ready without its database, and recovers when it is back', async () => {
    const name = new URL(app.databaseUrl).pathname.slice(1);
    await asOperator(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
    try {
      await asOperator(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
      );
      const { body, status } = await ready();
      expect(status).toBe(503);
      expect(body).toMatchObject({
        status: 'unavailable',
        checks: { database: 'failing', storage: 'ok' },
      });
      await request(app.url).get('/health/live').expect(200);
      // Routes that need the database answer with a server error and no details.
      const answer = await user.get('/v1/tokens/balance');
      expect(answer.status).toBe(503);
      expect(answer.body.code).toBe('UNAVAILABLE');
      expect(answer.headers['retry-after']).toBe('5');
      expect(answer.text).not.toMatch(/postgres|connection|at .*\.ts/i);
    } finally {
      await asOperator(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
    }
    await until(
      async () => (await ready()).body,
      ({ status }) => status === 'ok',
    );
    // Queue, worker and change feed are back as well.
    await user.submit(await picture({ width: 32, height: 32 })).expect(201);
  });
});

describe('the metrics', () => {
  it('cover requests, submissions, jobs, inference, the backlog and the ledger', async () => {
    const port = await freePort();
    const app = await startTestApp({ env: { METRICS_PORT: String(port) } });
    try {
      const user = await registered(app);
      await user.submit(await picture({ width: 32, height: 32 })).expect(201);
      await request(app.url).get('/v1/nowhere').expect(404);
      const scrape = () => request(`http://127.0.0.1:${port}`).get('/metrics');
      // The job ends shortly after the response.
      const { text, headers } = await until(scrape, ({ text }) =>
        text.includes('stylizer_job_duration_seconds_count{outcome="completed"} 1'),
      );
      expect(headers['content-type']).toMatch(/^text\/plain/);
      const lines = text.split('\n');
      expect(lines).toEqual(
        expect.arrayContaining([
          'stylizer_submissions_total 1',
          'stylizer_inference_duration_seconds_count 1',
          'stylizer_transformations_open{status="pending"} 0',
          'stylizer_transformations_open{status="processing"} 0',
          'stylizer_ledger_tokens{account="held"} 0',
          'stylizer_ledger_tokens{account="revenue"} 10',
          'http_request_duration_seconds_count{method="POST",route="/v1/transformations",status="201"} 1',
          'http_request_duration_seconds_count{method="POST",route="/v1/auth/register",status="201"} 1',
        ]),
      );
      expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
      // Unknown paths do not create new series.
      expect(text).not.toContain('nowhere');
      await request(`http://127.0.0.1:${port}`).get('/').expect(404);
    } finally {
      await app.close();
    }
  });

  it('are served while the database is down', async () => {
    const port = await freePort();
    const app = await startTestApp({ env: { METRICS_PORT: String(port) }, worker: false });
    const name = new URL(app.databaseUrl).pathname.slice(1);
    try {
      await asOperator(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS false`);
      await asOperator(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}'`,
      );
      const { status, text } = await request(`http://127.0.0.1:${port}`).get('/metrics');
      expect(status).toBe(200);
      expect(text).toMatch(/^process_resident_memory_bytes \d+/m);
    } finally {
      await asOperator(`ALTER DATABASE ${name} WITH ALLOW_CONNECTIONS true`);
      await app.close();
    }
  });
});
