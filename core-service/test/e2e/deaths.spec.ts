import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import sharp from 'sharp';
import { StyleHousekeeping } from '../../src/styles/style-housekeeping.js';
import { Worker } from '../../src/transformations/processing/worker.js';
import { picture } from '../factories/images.js';
import { registered, type TestUser } from '../factories/users.js';
import { client } from '../support/client.js';
import { InferenceProxy } from '../support/inference-proxy.js';
import { expectExactLedger } from '../support/ledger.js';
import { type ServiceProcess, startService, startWorker } from '../support/service-process.js';
import { startTestApp, testEnvironment, type TestApp } from '../support/test-app.js';
import { storedFiles } from '../support/traces.js';
import { until } from '../support/until.js';

const MAIN = 'core-service/src/main.ts';

describe('a process that dies during a job', () => {
  let inference: InferenceProxy;
  let app: TestApp;
  let image: Buffer;
  const processes: ServiceProcess[] = [];

  beforeAll(async () => {
    inference = await InferenceProxy.start();
    image = await picture({ width: 64, height: 64 });
  });
  /** An api; the test decides which worker processes its queue. */
  const startApi = async () => {
    app = await startTestApp({ env: { INFERENCE_URL: inference.url }, worker: false });
    return registered(app);
  };
  afterEach(async () => {
    inference.release();
    await Promise.all(processes.splice(0).map((process) => process.kill()));
    await app.close();
  });
  afterAll(() => inference.down());

  const environment = () => ({
    ...testEnvironment(app.databaseUrl, app.config.STORAGE_DIR),
    INFERENCE_URL: inference.url,
  });
  const run = async (process: Promise<ServiceProcess>): Promise<ServiceProcess> => {
    processes.push(await process);
    return process;
  };
  const submit = (user: TestUser, picture = image) => user.enqueue(picture);
  const statusOf = async (user: TestUser, id: string): Promise<string> =>
    (await user.get(`/v1/transformations/${id}`)).body.status;
  const untilCompleted = (user: TestUser, id: string) =>
    until(
      () => statusOf(user, id),
      (status) => status === 'completed',
      45_000,
    );

  /** One hold, one settlement, one result and nothing left in progress. */
  const expectChargedOnce = async (user: TestUser, id: string) => {
    const { body } = await user.get('/v1/tokens/entries').expect(200);
    expect(body.items.map(({ kind }: { kind: string }) => kind)).toEqual([
      'settle',
      'hold',
      'signup_grant',
    ]);
    expect(await user.balance()).toEqual({ available: 90, held: 0 });
    const result = await user.get(`/v1/transformations/${id}/result`).expect(200);
    expect((await sharp(result.body).metadata()).format).toBe('jpeg');
    const results = (await storedFiles(app)).filter((file) => /result|\.part/.test(file));
    expect(results).toEqual([expect.stringContaining(id)]);
    const sum = await app.dataSource.query(
      `SELECT sum(balance)::int AS sum FROM (SELECT balance FROM accounts UNION ALL SELECT balance FROM system_balances) b`,
    );
    expect(sum).toEqual([{ sum: 0 }]);
  };

  it('loses its job to another worker when it is killed', async () => {
    const user = await startApi();
    const worker = await run(startWorker(environment()));
    const calls = inference.calls.length;
    const id = await inference.holding(() => submit(user));
    // Processes the queue from now on, with nothing to do: the other worker has the job.
    await app.app.get(Worker).start();

    await worker.kill();
    const killedAt = performance.now();
    await inference.called(calls + 2);
    const seconds = (performance.now() - killedAt) / 1000;
    expect(seconds).toBeGreaterThan(5);
    expect(seconds).toBeLessThan(20);
    inference.release();
    await untilCompleted(user, id);
    expect(inference.calls.length - calls).toBe(2);
    await expectChargedOnce(user, id);
  }, 90_000);

  it('is told apart from one that takes minutes, which keeps its job', async () => {
    const user = await startApi();
    // Several at once: one claims the job, and the others would take it over.
    await app.app.get(Worker).start();
    const calls = inference.calls.length;
    const id = await inference.holding(() => submit(user));
    // pg-boss gives a job to another worker after 10 seconds without a heartbeat.
    const [job] = await until(
      () =>
        app.dataSource.query<{ seconds: number; attempts: number }[]>(
          `SELECT extract(epoch FROM now() - started_on)::float AS seconds,
                  retry_count + 1 AS attempts FROM pgboss.job WHERE id = $1`,
          [id],
        ),
      ([row]) => (row?.seconds ?? 0) > 14,
    );
    expect(job?.attempts).toBe(1);
    inference.release();
    await untilCompleted(user, id);
    expect(inference.calls.length - calls).toBe(1);
    await expectChargedOnce(user, id);
  }, 60_000);

  it('can be the inference service: after its restart the job is done once', async () => {
    const service = await run(startService('inference-service/src/main.ts', {}));
    inference.target = service.url;
    try {
      const user = await startApi();
      await app.app.get(Worker).start();
      const calls = inference.calls.length;
      const handedOver = inference.handedOver();
      const id = await submit(user, await picture({ width: 1024, height: 1024 }));
      await handedOver;
      await service.kill();
      await inference.called(calls + 1);
      expect(await statusOf(user, id)).toBe('processing');
      await run(startService('inference-service/src/main.ts', {}, service.port));
      await untilCompleted(user, id);
      expect(inference.calls.length - calls).toBeGreaterThanOrEqual(2);
      await expectChargedOnce(user, id);
    } finally {
      inference.target = process.env.TEST_INFERENCE_URL ?? '';
    }
  }, 90_000);

  it('finishes its job at SIGTERM and answers the waiting client', async () => {
    const user = await startApi();
    const core = await run(startService(MAIN, environment()));
    inference.conduct = 'hold';
    const calls = inference.calls.length;
    const waiting = client(core, user)
      .submit(image)
      .then((answer) => answer);
    await inference.called(calls + 1);
    const stopped = core.stop();
    const answer = await waiting;
    expect(answer.status).toBe(202);
    const id = answer.body.id;
    expect(answer.headers.location).toBe(`/v1/transformations/${id}`);
    expect(await statusOf(user, id)).toBe('processing');

    inference.release();
    expect(await stopped).toBe(0);
    expect(await statusOf(user, id)).toBe('completed');
    expect(inference.calls.length - calls).toBe(1);
    await expectChargedOnce(user, id);
  }, 60_000);

  it('returns a job to the queue that it cannot finish in time', async () => {
    const user = await startApi();
    const core = await run(startService(MAIN, { ...environment(), SHUTDOWN_TIMEOUT_SECONDS: '1' }));
    const id = await inference.holding(() => submit(user));
    expect(await core.stop()).toBe(0);
    expect(await statusOf(user, id)).toBe('processing');
    expect(await user.balance()).toEqual({ available: 90, held: 10 });

    inference.release();
    await app.app.get(Worker).start();
    const handedBackAt = performance.now();
    await untilCompleted(user, id);
    // It was returned at once; nobody had to wait for a missing heartbeat.
    expect(performance.now() - handedBackAt).toBeLessThan(8_000);
    await expectChargedOnce(user, id);
  }, 60_000);

  it('leaves an unfinished style, which housekeeping fails and refunds', async () => {
    const user = await startApi();
    const core = await run(startService(MAIN, { ...environment(), WORKER_ENABLED: 'false' }));
    inference.conduct = 'hold';
    const calls = inference.calls.length;
    const broken = client(core, user)
      .createStyle(image)
      .then(
        ({ status }) => status,
        () => 'the connection broke',
      );
    await inference.called(calls + 1);
    await core.kill();
    expect(await broken).toBe('the connection broke');
    expect(await user.balance()).toEqual({ available: 95, held: 5 });

    const housekeeping = app.app.get(StyleHousekeeping);
    await housekeeping.run();
    expect(await user.balance()).toEqual({ available: 95, held: 5 });
    await app.dataSource.query(`UPDATE styles SET pending_until = now()`);
    await housekeeping.run();
    expect(await user.balance()).toEqual({ available: 100, held: 0 });
    await expectExactLedger(app.dataSource);
    expect(await storedFiles(app)).toEqual([]);
  }, 60_000);

  it('can be a worker without an api, which stops the same way', async () => {
    const user = await startApi();
    const worker = await run(startWorker(environment()));
    const id = await inference.holding(() => submit(user));
    const stopped = worker.stop();
    inference.release();
    expect(await stopped).toBe(0);
    expect(await statusOf(user, id)).toBe('completed');
    await expectChargedOnce(user, id);
  }, 60_000);
});
