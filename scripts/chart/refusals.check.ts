import { describe, expect, it } from '@jest/globals';
import { combine } from './combine.js';
import { render } from './helm.js';
import { LEAST, WEB } from './variants.js';

const api = (values: object) => ({ services: { 'core-api': values } });
const worker = (values: object) => ({ services: { 'core-worker': values } });
const inference = (values: object) => ({ services: { inference: values } });
const queue = {
  type: 'queue',
  minReplicas: 0,
  maxReplicas: 2,
  workPerReplica: 1,
  cooldownSeconds: 60,
};

describe('the chart refuses', () => {
  it.each<[string, object, string]>([
    ['an unknown key', { imgae: {} }, "additional properties 'imgae' not allowed"],
    ['an unknown key of a service', api({ replica: 2 }), "'replica' not allowed"],
    ['replicas -1', api({ replicas: -1 }), "'/services/core-api/replicas': minimum: got -1"],
    ['an unknown database', { database: { mode: 'mysql' } }, "'/database/mode'"],
    [
      'an external database with mode bundled',
      { database: { mode: 'bundled', external: { secretName: 'db' } } },
      'database.mode is bundled, but database.external is set too',
    ],
    [
      'a bundled database with mode external',
      { database: { bundled: { passwordSecretName: 'db' } } },
      'database.mode is external, but database.bundled is set too',
    ],
    [
      'a GPU that nothing uses',
      inference({ gpu: { count: 1 } }),
      'services.inference.gpu.count is 1, but device is "cpu"',
    ],
    ['a device without a GPU', inference({ device: 'cuda' }), 'gpu.count is 0'],
    ['a GPU for the api', api({ gpu: { count: 1, resource: 'nvidia.com/gpu' } }), 'kind inference'],
    ['latest', { image: { tag: 'latest' } }, 'image.tag: name a version'],
    ['latest of one service', api({ image: { tag: 'latest' } }), 'services.core-api.image.tag'],
    [
      'the database’s latest',
      { database: { bundled: { image: 'postgres:latest' } } },
      'database.bundled.image',
    ],
    [
      'a secret among the environment variables',
      api({ env: { JWT_SECRET: 'x' } }),
      'JWT_SECRET is a secret',
    ],
    ['a URL with a password', { core: { env: { DATABASE_URL: 'x' } } }, 'DATABASE_URL is a secret'],
    ['a mail password', { core: { env: { SMTP_URL: 'x' } } }, 'SMTP_URL is a secret'],
    ['encryption keys', { core: { env: { ENCRYPTION_KEYS: 'x' } } }, 'ENCRYPTION_KEYS is a secret'],
    ['no Secret', { secrets: { name: '' } }, 'secrets.name is required'],
    [
      'a plain value as a sealed secret',
      {
        secrets: { sealedSecret: { enabled: true, encryptedData: { JWT_SECRET: 'hunter2' } } },
      },
      "'/secrets/sealedSecret/encryptedData/JWT_SECRET'",
    ],
    [
      'a sealed secret that lacks a key',
      {
        secrets: {
          sealedSecret: { enabled: true, encryptedData: { JWT_SECRET: `Ag${'A'.repeat(40)}` } },
        },
      },
      'lacks DATABASE_URL',
    ],
    [
      'a sealed secret without a mail server',
      {
        secrets: {
          sealedSecret: {
            enabled: true,
            encryptedData: {
              JWT_SECRET: `Ag${'A'.repeat(40)}`,
              DATABASE_URL: `Ag${'B'.repeat(40)}`,
            },
          },
        },
      },
      'lacks SMTP_URL',
    ],
    [
      'two sources of one Secret',
      { secrets: { sealedSecret: { enabled: true }, externalSecret: { enabled: true } } },
      'enable one',
    ],
    ['no bucket', { storage: { s3: { bucket: '' } } }, 'storage.s3.bucket is required'],
    ['replicas that share a disk', { storage: { driver: 'disk' } }, 'is for one node'],
    ['an Ingress without a host', { ingress: { enabled: true } }, 'host is required'],
    ['a route to nowhere', { routes: [{ path: '/', service: 'web' }] }, 'no enabled service'],
    [
      'a route to the inference service',
      { routes: [{ path: '/', service: 'inference' }] },
      'must not be published',
    ],
    ['a worker scaled to zero', worker({ autoscaling: queue }), 'only inference may go to 0'],
    [
      'an api scaled to zero',
      api({ autoscaling: { minReplicas: 0 } }),
      'only type queue comes back from 0',
    ],
    [
      'minReplicas above maxReplicas',
      api({ autoscaling: { minReplicas: 9 } }),
      'maxReplicas is below minReplicas',
    ],
    [
      'a shutdown that interrupts a job',
      worker({ shutdownSeconds: 30 }),
      'services.core-worker.shutdownSeconds is below core.inferenceTimeoutSeconds',
    ],
    [
      'a rollout without metrics',
      api({
        rollout: { enabled: true, strategy: 'blueGreen', autoPromotion: true, maxErrorRatio: 0.1 },
      }),
      'needs metrics.serviceMonitor',
    ],
    [
      'an incomplete rollout',
      api({ rollout: { enabled: true, strategy: 'canary' } }),
      'missing propert',
    ],
    ['incomplete autoscaling', inference({ autoscaling: { type: 'queue' } }), 'missing propert'],
    [
      'no inference service',
      inference({ enabled: false }),
      'one enabled service of kind inference',
    ],
    ['no api', { services: { 'core-api': null } }, "'/services': missing property 'core-api'"],
    [
      'a route of a Gateway to nowhere',
      {
        host: 'a.example',
        gateway: { enabled: true, parentRefs: [{ name: 'g' }] },
        routes: [{ path: '/', service: 'web' }],
      },
      'no enabled service',
    ],
    [
      'a service with a name that is taken',
      { services: { postgres: WEB } },
      'services.postgres: the chart has something of that name',
    ],
    ['missing limits', { services: { extra: { kind: 'web' } } }, "'/services/extra'"],
  ])('%s', (_what, values, message) => {
    expect(() => render({ values: combine(LEAST, values) })).toThrow(message);
  });

  it('no valid values', () => {
    expect(render({ values: LEAST })).toContain('kind: Deployment');
  });

  it('all conflicts in one message', () => {
    expect(() => render({})).toThrow(/secrets\.name[^]*storage\.s3\.bucket/);
  });
});
