import { combine } from './combine.js';
import type { Release } from './helm.js';

/** The required values. */
export const LEAST = { secrets: { name: 'stylizer' }, storage: { s3: { bucket: 'pictures' } } };

/** A service that does not exist yet. */
export const WEB = {
  kind: 'web',
  enabled: true,
  replicas: 2,
  image: { repository: 'stylizer/web' },
  ports: { http: 8080 },
  resources: {
    requests: { cpu: '50m', memory: '32Mi', 'ephemeral-storage': '10Mi' },
    limits: { cpu: '200m', memory: '64Mi', 'ephemeral-storage': '100Mi' },
  },
  scratch: '16Mi',
  probes: Object.fromEntries(
    ['startup', 'liveness', 'readiness'].map((probe) => [
      probe,
      { httpGet: { path: '/', port: 'http' } },
    ]),
  ),
  preStopSeconds: 5,
  shutdownSeconds: 10,
  autoscaling: { type: 'none' },
  pdb: { enabled: true, maxUnavailable: '50%' },
};

const toNothing = {
  type: 'queue',
  minReplicas: 0,
  maxReplicas: 3,
  workPerReplica: 4,
  cooldownSeconds: 300,
};
const host = { host: 'api.stylizer.example' };
const measured = { metrics: { serviceMonitor: { enabled: true }, rules: { enabled: true } } };
const rollout = { enabled: true, maxErrorRatio: 0.01 };

const options: Record<string, object> = {
  'required values only': {},
  'a custom name': { fullnameOverride: 'pictures' },
  'bundled database': { database: { mode: 'bundled' } },
  'bundled database with its own secret, scaled by the queue': {
    database: { mode: 'bundled', bundled: { passwordSecretName: 'db', storage: { size: '5Gi' } } },
    services: { inference: { autoscaling: toNothing } },
  },
  'CloudNativePG with three servers and backup': {
    database: {
      mode: 'cloudnativepg',
      cloudnativepg: {
        instances: 3,
        storage: { size: '50Gi', className: 'fast' },
        backup: { retentionPolicy: '30d' },
      },
    },
  },
  'CloudNativePG, one server': {
    database: { mode: 'cloudnativepg', cloudnativepg: { instances: 1 } },
  },
  'external database in a known network': {
    services: { inference: { autoscaling: toNothing } },
    database: {
      external: {
        secretName: 'db',
        secretKey: 'uri',
        caSecretName: 'db-ca',
        scalerKey: 'reader',
        port: 25060,
        cidrs: ['10.1.0.0/16'],
      },
    },
  },
  'images on disk': {
    storage: { driver: 'disk', disk: { size: '5Gi', className: 'local' } },
    services: {
      'core-api': { replicas: 1, autoscaling: { type: 'none' } },
      'core-worker': { replicas: 1 },
    },
  },
  'S3 of another provider': {
    storage: { s3: { endpoint: 'https://s3.example.org', region: 'eu', forcePathStyle: true } },
    networkPolicy: {
      coreEgress: [{ to: [{ ipBlock: { cidr: '10.2.0.0/16' } }], ports: [{ port: 9000 }] }],
    },
  },
  'sealed secret': {
    secrets: {
      sealedSecret: {
        enabled: true,
        encryptedData: {
          JWT_SECRET: `Ag${'A'.repeat(40)}`,
          DATABASE_URL: `Ag${'B'.repeat(40)}`,
          SMTP_URL: `Ag${'C'.repeat(40)}`,
        },
      },
    },
  },
  'external secret': {
    secrets: {
      externalSecret: {
        enabled: true,
        storeRef: { kind: 'SecretStore', name: 'vault' },
        data: {
          JWT_SECRET: { key: 'a', property: 'b' },
          DATABASE_URL: { key: 'c' },
          SMTP_URL: { key: 'd' },
        },
      },
    },
  },
  'GPU scaled to zero': {
    services: {
      inference: {
        device: 'tensorrt',
        gpu: { count: 2, runtimeClassName: 'nvidia' },
        image: { tagSuffix: '-gpu' },
        tolerations: [{ key: 'spot', operator: 'Exists' }],
        autoscaling: toNothing,
      },
    },
  },
  canary: {
    ...measured,
    services: {
      'core-api': { rollout: { ...rollout, strategy: 'canary', weights: [10, 50], pause: '1m' } },
    },
  },
  'blue-green': {
    ...measured,
    services: {
      'core-api': { rollout: { ...rollout, strategy: 'blueGreen', autoPromotion: false } },
    },
  },
  'Ingress with a certificate': {
    ...host,
    ingress: { enabled: true, annotations: { a: 'b' } },
    tls: { issuerRef: { name: 'letsencrypt' } },
  },
  Gateway: {
    ...host,
    gateway: {
      enabled: true,
      parentRefs: [{ name: 'public', namespace: 'gateways', sectionName: 'https' }],
    },
    tls: { issuerRef: { kind: 'Issuer', name: 'ca' } },
  },
  'a web service in front': {
    ...host,
    ingress: { enabled: true },
    services: { web: WEB },
    routes: [
      { path: '/v1', service: 'core-api' },
      { path: '/', service: 'web' },
    ],
  },
  'by digest, from another registry': {
    image: { registry: 'registry.example.org', pullSecrets: ['pull'] },
    services: { inference: { image: { digest: `sha256:${'0'.repeat(64)}` } } },
  },
  'no policies, no migrations': {
    networkPolicy: { enabled: false },
    migrations: { enabled: false },
  },
  'no mail server': { mail: { required: false } },
  'mail from elsewhere, with links to another address': {
    mail: { from: 'Pictures <post@pictures.example>', port: 465 },
    publicUrl: 'https://pictures.example',
  },
  'a DNS cache on the nodes': { networkPolicy: { dns: { cidrs: ['169.254.20.10/32'] } } },
};

/** By name, what the chart is rendered with. */
export const VARIANTS: [string, Release][] = [
  ...Object.entries(options).map(([name, values]): [string, Release] => [
    name,
    { values: combine(LEAST, values) },
  ]),
  ['an upgrade', { values: LEAST, isUpgrade: true }],
  [
    'an upgrade of a bundled database',
    { values: combine(LEAST, { database: { mode: 'bundled' } }), isUpgrade: true },
  ],
];
