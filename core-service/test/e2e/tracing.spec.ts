import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { picture } from '../factories/images.js';
import { registered } from '../factories/users.js';
import { InferenceProxy } from '../support/inference-proxy.js';
import { type ServiceProcess, startService } from '../support/service-process.js';
import { startTestApp, testEnvironment, type TestApp } from '../support/test-app.js';

const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/;
/** A well-formed key of no account, and a collector that does not exist. */
const AGENT = {
  NEW_RELIC_LICENSE_KEY: '0123456789abcdef0123456789abcdef0123NRAL',
  NEW_RELIC_HOST: '127.0.0.1',
  NEW_RELIC_PORT: '9',
};
/** Settings that reveal whether the agent is loaded. */
const AGENT_LOG = { NEW_RELIC_LOG: 'stdout', NEW_RELIC_LOG_ENABLED: 'true' };
const AGENT_LINE = /"name":"newrelic"/;

describe.each([
  ['with a New Relic key and no network', AGENT, true],
  ['without a New Relic key', {}, false],
])('the core service %s', (_, agent, loaded) => {
  let inference: InferenceProxy;
  let database: TestApp;
  let core: ServiceProcess;

  beforeAll(async () => {
    inference = await InferenceProxy.start();
    database = await startTestApp({ worker: false });
    core = await startService('core-service/src/main.ts', {
      ...testEnvironment(database.databaseUrl, database.config.STORAGE_DIR),
      ...AGENT_LOG,
      ...agent,
      INFERENCE_URL: inference.url,
    });
  }, 60_000);
  afterAll(async () => {
    await core.stop();
    await database.close();
    await inference.down();
  });

  it(loaded ? 'loads the agent' : 'does not load the agent', async () => {
    const user = await registered(core);
    await user.submit(await picture({ width: 32, height: 32 })).expect(201);
    expect(AGENT_LINE.test(core.output())).toBe(loaded);
  });

  it('starts a trace that reaches inference', async () => {
    const user = await registered(core);
    const calls = inference.calls.length;
    await user.submit(await picture({ width: 32, height: 32 })).expect(201);
    expect(inference.calls[calls]?.traceparent).toMatch(TRACEPARENT);
  });

  it('passes the caller’s trace and request id to inference', async () => {
    const user = await registered(core);
    const calls = inference.calls.length;
    const trace = randomBytes(16).toString('hex');
    const requestId = `request-${trace}`;
    const { headers } = await user
      .submit(await picture({ width: 32, height: 32 }))
      .set('traceparent', `00-${trace}-00f067aa0ba902b7-01`)
      .set('x-request-id', requestId)
      .expect(201);
    expect(headers['x-request-id']).toBe(requestId);
    expect(inference.calls[calls]).toMatchObject({
      traceparent: expect.stringMatching(TRACEPARENT),
      'x-request-id': requestId,
    });
    expect(inference.calls[calls]?.traceparent).toContain(trace);
  });

  it.each([
    '',
    'garbage',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${'A'.repeat(32)}-00f067aa0ba902b7-01`,
  ])('starts a new trace for an invalid header: %j', async (nonsense) => {
    const user = await registered(core);
    const calls = inference.calls.length;
    await user
      .submit(await picture({ width: 32, height: 32 }))
      .set('traceparent', nonsense)
      .expect(201);
    const carried = inference.calls[calls]?.traceparent;
    expect(carried).toMatch(TRACEPARENT);
    expect(carried).not.toBe(nonsense);
  });
});
