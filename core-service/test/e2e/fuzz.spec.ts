import { describe, expect, it } from '@jest/globals';
import { campaign } from '../../../scripts/fuzz-api/campaign.js';
import { picture } from '../factories/images.js';
import { FakeInference } from '../support/fake-inference.js';
import { useTestApp } from '../support/fixtures.js';
import { expectExactLedger } from '../support/ledger.js';

/** `make fuzz-api` sends 100,000. */
const REQUESTS = 5_000;
const UNLIMITED = '1000000';

describe('the whole API', () => {
  const app = useTestApp({
    inference: new FakeInference(),
    env: {
      RATE_LIMIT_REGISTER_PER_MINUTE: UNLIMITED,
      RATE_LIMIT_REGISTER_NETWORK_PER_MINUTE: UNLIMITED,
      RATE_LIMIT_AUTH_PER_MINUTE: UNLIMITED,
      RATE_LIMIT_LOGIN_FAILURES: UNLIMITED,
    },
  });

  it(`answers ${REQUESTS} random requests to all its routes without a 5xx, and keeps the ledger exact`, async () => {
    const image = await picture({ width: 16, height: 16 });
    const report = await campaign({ url: app.url, seed: 15, requests: REQUESTS, image });
    expect(report.findings).toEqual([]);
    // It is more than refusals: most routes have also been used as they should be.
    const routes = [...report.routes];
    expect(routes.filter(([, { sent }]) => sent < REQUESTS / 500)).toEqual([]);
    const worked = routes.filter(([, { succeeded }]) => succeeded > 0).map(([name]) => name);
    expect(worked).toEqual(
      expect.arrayContaining(['styles.create', 'transformations.create', 'transformations.get']),
    );
    await expectExactLedger(app.dataSource);
    const [row] = await app.dataSource.query<{ operators: number }[]>(
      `SELECT count(*)::int AS operators FROM users WHERE role <> 'user'`,
    );
    expect(row?.operators).toBe(0);
  }, 180_000);
});
