import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { type MetricsServer, serveMetrics } from './metrics-server.js';

class BrokenRegistry extends Registry {
  override metrics(): Promise<string> {
    return Promise.reject(new Error('the database is gone'));
  }
}

describe('the metrics server', () => {
  let server: MetricsServer;
  const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);

  beforeAll(async () => {
    server = await serveMetrics(new BrokenRegistry(), '127.0.0.1', 0);
  });
  afterAll(() => server.close());

  it('is alive even when nothing can be measured', async () => {
    expect((await get('/metrics')).status).toBe(500);
    const live = await get('/health/live');
    expect(live.status).toBe(200);
    expect(await live.json()).toEqual({ status: 'ok' });
  });

  it('has nothing else', async () => {
    expect((await get('/')).status).toBe(404);
  });
});
