import { expect, test } from '@jest/globals';
import { faultsOf } from './rules.js';

test('an image has a version', () => {
  const service = (image: string) => ({ services: { web: { image } } });
  expect(faultsOf(service('postgres:18.4-bookworm'))).toEqual([]);
  expect(faultsOf(service('prom/prometheus:v3.13.2'))).toEqual([]);
  for (const loose of ['postgres', 'postgres:latest', 'postgres:18']) {
    expect(faultsOf(service(loose))).toEqual([`web: ${loose} is not pinned to a version`]);
  }
});

test('a port is open to this machine alone', () => {
  const open = { services: { web: { build: {}, ports: [{ target: 80 }] } } };
  expect(faultsOf(open)).toEqual(['web: port 80 is open to the network']);
});

test('nobody waits for the health of what has no check, or for the end of what never ends', () => {
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
    'web: waits for the end of migrate, which is started again for ever',
  ]);
});
