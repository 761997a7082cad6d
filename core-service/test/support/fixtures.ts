import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import { TokensService } from '../../src/tokens/tokens.service.js';
import { registered, type TestUser } from '../factories/users.js';
import { FakeInference } from './fake-inference.js';
import { InferenceProxy } from './inference-proxy.js';
import { Mailbox } from './mailbox.js';
import { startTestApp, type TestApp, type TestAppOptions } from './test-app.js';
import { tracesOf, uploadMemory } from './traces.js';

/** More tokens than a spec file can spend. */
export const MANY = 1_000_000;

// Each registers the hooks that make and end what it returns; the hooks fill it, so read it in tests only.

/** One app for all tests of a file or block. */
export function useTestApp(options: TestAppOptions = {}): TestApp {
  const app = {} as TestApp;
  beforeAll(async () => void Object.assign(app, await startTestApp(options)));
  afterAll(() => app.close());
  return app;
}

/** One app before a real inference service that a test can slow down; what it holds is released after each test. */
export function useProxiedApp(env: Record<string, string> = {}) {
  const inference = new InferenceProxy();
  const app = {} as TestApp;
  beforeAll(async () => {
    await inference.up();
    Object.assign(app, await startTestApp({ env: { INFERENCE_URL: inference.url, ...env } }));
  });
  afterEach(() => inference.release());
  afterAll(async () => {
    await app.close();
    await inference.down();
  });
  return { inference, app };
}

/**
 * A user for all tests or one for each, as `before` says.
 *
 * @param tokens beside the sign-up grant
 */
export function useUser(
  app: TestApp,
  before: typeof beforeAll | typeof beforeEach,
  tokens = 0,
): TestUser {
  const user = {} as TestUser;
  before(async () => {
    Object.assign(user, await registered(app));
    if (tokens > 0) await app.app.get(TokensService).grant(user.id, tokens, 'for the tests');
  });
  return user;
}

/** Every test of the block leaves tokens, rows, files and memory as they were. */
export function expectNoTraces(app: TestApp, user: TestUser): void {
  let before: Awaited<ReturnType<typeof tracesOf>>;
  beforeEach(async () => {
    before = await tracesOf(app, user);
  });
  afterEach(async () => {
    expect(await tracesOf(app, user)).toEqual(before);
    expect(uploadMemory(app)).toBe(0);
  });
}

/** One app that sends its mail to a real SMTP server. */
export function useMailedApp(options: TestAppOptions = {}) {
  const mailbox = new Mailbox();
  const app = {} as TestApp;
  beforeAll(async () => {
    await mailbox.up();
    const env = { SMTP_URL: mailbox.url, RATE_LIMIT_LOGIN_FAILURES: '1000', ...options.env };
    Object.assign(app, await startTestApp({ inference: new FakeInference(), ...options, env }));
  });
  afterAll(async () => {
    await app.close();
    await mailbox.down();
  });
  return { app, mailbox };
}
