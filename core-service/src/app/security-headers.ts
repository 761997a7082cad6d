import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Config } from '../config/config.js';

/** What the API sends is data: nothing in it may run, load or be framed. */
const API_POLICY = { defaultSrc: ["'none'"], frameAncestors: ["'none'"] };

/** Swagger UI has its scripts in files, but styles in the page. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const DOCS = /^\/docs(?:[/?]|$)/;

/** Read by a web page of another origin only if named here. */
const EXPOSED_HEADERS = [
  ...['content-disposition', 'etag', 'idempotency-replayed', 'location', 'retry-after'],
  ...['ratelimit', 'ratelimit-policy', 'x-request-id', 'x-transformation-id'],
  ...['x-tokens-available', 'x-tokens-charged'],
];
const ALLOWED_HEADERS = [
  ...['accept', 'authorization', 'content-type', 'idempotency-key', 'if-none-match', 'prefer'],
  ...['traceparent', 'x-request-id'],
];
const PREFLIGHT_SECONDS = 7_200;

/** Security headers on every answer, and CORS for the pages of CORS_ORIGINS. To be called before routes are added. */
export async function protectAnswers(app: NestFastifyApplication, config: Config): Promise<void> {
  const { CORS_ORIGINS, HSTS_SECONDS, PUBLIC_URL } = config;
  const tls = new URL(PUBLIC_URL).protocol === 'https:';
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: API_POLICY },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity:
      tls && HSTS_SECONDS > 0 ? { maxAge: HSTS_SECONDS, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
    // For browsers and plug-ins that are gone.
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
  });
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRequest', async (request, reply) => {
      if (DOCS.test(request.url)) reply.raw.setHeader('content-security-policy', DOCS_POLICY);
    });
  // Without a list the routes keep answering OPTIONS with 405.
  if (CORS_ORIGINS.length === 0) return;
  await app.register(cors, {
    origin: CORS_ORIGINS,
    credentials: false,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    allowedHeaders: ALLOWED_HEADERS,
    exposedHeaders: EXPOSED_HEADERS,
    maxAge: PREFLIGHT_SECONDS,
    strictPreflight: false,
  });
}
