import { randomUUID } from 'node:crypto';
import { Agent } from 'node:http';
import { collectionOf, type FuzzRequest, makeRequest } from './requests.js';
import { type Route, routesOf } from './routes.js';
import { judge } from './verdict.js';
import { type Answer, send } from './wire.js';

export interface Finding {
  index: number;
  request: string;
  what: string;
}

export interface Report {
  requests: number;
  seconds: number;
  findings: Finding[];
  /** Answers by status. */
  statuses: Map<number, number>;
  /** Requests by operation, and how many of those succeeded. */
  routes: Map<string, { sent: number; succeeded: number }>;
  slowest: { ms: number; request: string };
  /** Requests sent, and the service's memory in MB. */
  memory: { requests: number; mb: number }[];
}

export interface Options {
  url: string;
  seed: number;
  requests: number;
  /** A small image. */
  image: Buffer;
  /** Only this one. */
  only?: number;
  /** The memory of the service in MB, if it can be known. */
  memory?: () => Promise<number | undefined>;
  onProgress?: (done: number) => void;
}

const CONCURRENCY = 6;
const MEMORY_EVERY = 500;
/** A user's tokens, styles and patience end: the next one takes over. */
const REQUESTS_PER_USER = 400;
const IDS_KEPT = 20;
const PASSWORD = 'fuzz horse battery staple';
const ID = /"id":"([0-9a-f]{8}-[0-9a-f-]{27})"/g;

/** Sends the requests, a few at a time, and checks the answers. */
export async function campaign(options: Options): Promise<Report> {
  const { url, seed, requests, image, only, memory, onProgress } = options;
  const base = new URL(url);
  const agent = new Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const document = await fetch(`${url}/docs/openapi.json`);
  const routes = routesOf(await document.json());
  const report: Report = {
    ...{ requests, seconds: 0, findings: [], statuses: new Map(), memory: [] },
    routes: new Map(routes.map(({ operationId }) => [operationId, { sent: 0, succeeded: 0 }])),
    slowest: { ms: 0, request: '' },
  };
  const lane = new Lanes(url, routes, seed, image);
  const began = performance.now();
  let next = only ?? 0;
  const end = only === undefined ? requests : only + 1;
  let done = 0;
  const work = async () => {
    while (next < end) {
      const index = next++;
      const request = makeRequest(await lane.context(), index);
      const since = performance.now();
      let answer: Answer | undefined;
      let what: string | undefined;
      try {
        answer = await send(base, request, agent);
        what = judge(request, answer);
        lane.learn(request, answer);
      } catch (error) {
        if (!mayBreak(request)) what = `no answer: ${String(error)}`;
      }
      record(report, request, { answer, what, ms: performance.now() - since });
      const count = ++done;
      if (count % MEMORY_EVERY === 0) {
        const mb = await memory?.();
        if (mb !== undefined) report.memory.push({ requests: count, mb });
      }
      onProgress?.(count);
    }
  };
  await Promise.all(Array.from({ length: only === undefined ? CONCURRENCY : 1 }, work));
  agent.destroy();
  report.seconds = (performance.now() - began) / 1000;
  return report;
}

/** A server that refuses early closes the connection while a large body is still on its way. */
function mayBreak({ body, headers }: FuzzRequest): boolean {
  return (body?.length ?? 0) > 60_000 || headers.some(([name]) => name === 'x-injected');
}

function record(
  report: Report,
  request: FuzzRequest,
  { answer, what, ms }: { answer: Answer | undefined; what: string | undefined; ms: number },
): void {
  const { route, index, path } = request;
  const name = `${route.method} ${path.slice(0, 200)}`;
  const status = answer?.status ?? 0;
  report.statuses.set(status, (report.statuses.get(status) ?? 0) + 1);
  const row = report.routes.get(route.operationId);
  if (row) row.sent++;
  if (row && status >= 200 && status < 300) row.succeeded++;
  if (what) report.findings.push({ index, request: name, what });
  if (ms > report.slowest.ms) report.slowest = { ms, request: name };
}

/** The user whose token is sent, and ids that were seen. */
class Lanes {
  private readonly ids = new Map<string, string[]>();
  private user?: Promise<string>;
  private used = 0;

  constructor(
    private readonly url: string,
    private readonly routes: readonly [Route, ...Route[]],
    private readonly seed: number,
    private readonly image: Buffer,
  ) {}

  async context() {
    if (this.used++ % REQUESTS_PER_USER === 0) this.user = undefined;
    if (!this.user) this.ids.clear();
    const accessToken = await (this.user ??= this.register());
    const { routes, seed, ids, image } = this;
    return { routes, seed, ids, image, accessToken };
  }

  learn({ headers, route }: FuzzRequest, { status, body }: Answer): void {
    // The session may have ended by what was sent.
    const refused = status === 401 && body.includes('"UNAUTHENTICATED"');
    if (refused && headers.some(([, value]) => value.startsWith('Bearer ey')))
      this.user = undefined;
    if (status >= 300) return;
    const ids = this.ids.get(collectionOf(route)) ?? [];
    ids.push(...[...body.matchAll(ID)].map(([, id = '']) => id));
    this.ids.set(collectionOf(route), [...new Set(ids)].slice(-IDS_KEPT));
  }

  private async register(): Promise<string> {
    const answer = await fetch(`${this.url}/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ email: `fuzz-${randomUUID()}@example.com`, password: PASSWORD }),
    });
    if (answer.status !== 201)
      throw new Error(`registering: ${answer.status} ${await answer.text()}`);
    return ((await answer.json()) as { accessToken: string }).accessToken;
  }
}

/** MB per 1,000 requests, by least squares, after the first part of the run. */
export function slopeOf(memory: Report['memory'], skip = 0.3): number {
  const points = memory.slice(Math.floor(memory.length * skip));
  if (points.length < 3) return 0;
  const mean = (of: (point: Report['memory'][number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const [x, y] = [mean(({ requests }) => requests), mean(({ mb }) => mb)];
  const over = mean(({ requests, mb }) => (requests - x) * (mb - y));
  return (over / mean(({ requests }) => (requests - x) ** 2)) * 1_000;
}
