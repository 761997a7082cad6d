import { expect, test } from '@jest/globals';
import { faultsOf } from './rules.js';

test('an image must have a version', () => {
  const service = (image: string) => ({ services: { web: { image } } });
  expect(faultsOf(service('postgres:18.4-bookworm'))).toEqual([]);
  expect(faultsOf(service('prom/prometheus:v3.13.2'))).toEqual([]);
  for (const loose of ['postgres', 'postgres:latest', 'postgres:18']) {
    expect(faultsOf(service(loose))).toEqual([`web: ${loose} is not pinned to a version`]);
  }
});

test('a port must be open to this machine only', () => {
  const open = { services: { web: { build: {}, ports: [{ target: 80 }] } } };
  expect(faultsOf(open)).toEqual(['web: port 80 is open to the network']);
});

test('a service must not wait for a missing health check or for a service that restarts forever', () => {
  const endless = { image: 'a:1.0', restart: 'unless-stopped' };
  const web = {
    build: {},
    depends_on: {
      db: { condition: 'service_healthy' },
      migrate: { condition: 'service_completed_successfully' },
    },
  };
  expect(faultsOf({ services: { web, db: { image: 'a:1.0' }, migrate: endless } })).toEqual([
    'web: waits for the health of db, which has no check',
    'web: waits for the end of migrate, which restarts forever',
  ]);
});
