import { Random } from '../fuzz/random.js';
import type { Parameter, Route, Schema } from './routes.js';
import { fitting, hostile, hostileText, spoiled, uuid } from './values.js';

export interface FuzzRequest {
  index: number;
  route: Route;
  /** With the query. */
  path: string;
  headers: [string, string][];
  body: Buffer | undefined;
}

/** What a request may use of the world it is sent to. */
export interface Context {
  routes: readonly [Route, ...Route[]];
  seed: number;
  accessToken: string;
  /** Ids that were seen in answers, by {@link collectionOf}. */
  ids: ReadonlyMap<string, readonly string[]>;
  /** A small image. */
  image: Buffer;
}

const BOUNDARY = 'fuzz-boundary-7MA4YWxkTrZu0gW';
/** Share of the requests that are as the document wants them. */
const GENTLE = 0.25;

/** The request of this index: the same for the same seed, ids and token. */
export function makeRequest(context: Context, index: number): FuzzRequest {
  const random = new Random(context.seed, index);
  const route = random.pick(context.routes);
  // Some go well, so that there is something to be hurt.
  if (random.chance(GENTLE)) return gentle(random, route, context, index);
  const path = pathOf(random, route, context) + queryOf(random, route);
  const headers = headersOf(random, route, context);
  const body = route.method === 'GET' ? undefined : bodyOf(random, route, context, headers);
  return { index, route, path, headers, body };
}

function gentle(random: Random, route: Route, context: Context, index: number): FuzzRequest {
  const { accessToken, image } = context;
  const ids = context.ids.get(collectionOf(route)) ?? [];
  const path = route.path.replaceAll(/\{\w+\}/g, () => ids[random.below(ids.length)] ?? 'none');
  const headers: [string, string][] = [['authorization', `Bearer ${accessToken}`]];
  const [type = '', schema = {}] = route.bodies[0] ?? [];
  if (!type) return { index, route, path, headers, body: undefined };
  const isForm = type.startsWith('multipart/');
  headers.push(['content-type', isForm ? `${type}; boundary=${BOUNDARY}` : type]);
  const fields = Object.keys(schema.properties ?? {});
  const body = isForm
    ? Buffer.concat([
        part('image', image, 'a.png'),
        ...(fields.includes('style') ? [part('style', 'starry-night')] : []),
        ...(fields.includes('name') ? [part('name', `Style ${index}`)] : []),
        Buffer.from(`--${BOUNDARY}--\r\n`),
      ])
    : Buffer.from(JSON.stringify(fitting(random, schema)));
  return { index, route, path, headers, body };
}

function part(name: string, content: Buffer | string, file?: string): Buffer {
  const disposition = `Content-Disposition: form-data; name="${name}"`;
  const lines =
    file === undefined
      ? [disposition]
      : [`${disposition}; filename="${file}"`, 'Content-Type: image/png'];
  return Buffer.concat([
    Buffer.from(`--${BOUNDARY}\r\n${lines.join('\r\n')}\r\n\r\n`),
    Buffer.from(content),
    Buffer.from('\r\n'),
  ]);
}

/** What the ids of a route's path are of: `/v1/styles` of `/v1/styles/{id}/preview`. */
export const collectionOf = ({ path }: Route): string => path.split('/{', 1)[0] ?? '';

function pathOf(random: Random, route: Route, context: Context): string {
  // Sometimes the id of something else.
  const all = random.chance(0.1) ? [...context.ids.values()].flat() : undefined;
  const ids = all ?? context.ids.get(collectionOf(route)) ?? [];
  return route.path.replaceAll(/\{\w+\}/g, () => {
    const kind = random.below(10);
    if (kind < 5 && ids.length > 0) return ids[random.below(ids.length)] as string;
    if (kind < 7) return uuid(random);
    const text = hostileText(random).slice(0, 2_000);
    return kind < 9 ? encodeURIComponent(text.toWellFormed()) || '%20' : '%00%ff..%2f';
  });
}

function queryOf(random: Random, { parameters }: Route): string {
  const pairs: [string, string][] = parameters
    .filter((parameter) => parameter.in === 'query' && random.chance(0.5))
    .map(({ name, schema }) => [name, textFor(random, schema)]);
  if (random.chance(0.1)) pairs.push([random.pick(['userId', 'limit', 'a[b]', '']), 'x']);
  if (random.chance(0.1) && pairs[0]) pairs.push(pairs[0]);
  if (pairs.length === 0) return random.chance(0.05) ? '?%zz=&&==' : '';
  return `?${pairs.map((pair) => pair.map((text) => encodeURIComponent(text.toWellFormed())).join('=')).join('&')}`;
}

/** @returns mostly what fits */
function textFor(random: Random, schema: Schema): string {
  const value = random.chance(0.6) ? fitting(random, schema) : hostileText(random);
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 4_000);
}

function headersOf(random: Random, route: Route, context: Context): [string, string][] {
  const headers: [string, string][] = [];
  const add = (name: string, value: string) => headers.push([name, value]);
  const { accessToken } = context;
  if (random.chance(route.secured ? 0.9 : 0.2))
    add(
      'authorization',
      random.chance(0.95)
        ? `Bearer ${accessToken}`
        : random.pick([
            ...['Bearer', 'Bearer  ', 'Basic YTpi', `bearer ${accessToken}x`, 'Bearer a.b.c'],
            ...[`Bearer ${accessToken}, Bearer ${accessToken}`, 'Bearer stz_live_nothing'],
          ] as const),
    );
  const named: Parameter[] = route.parameters.filter((parameter) => parameter.in === 'header');
  for (const { name, schema } of named)
    if (random.chance(0.4)) add(name, headerText(textFor(random, schema)));
  if (random.chance(0.1))
    add('prefer', random.pick(['wait=0', 'respond-async', 'wait=-1', 'wait=']));
  if (random.chance(0.1)) add('accept', random.pick(['image/jpeg', '*/*', 'text/html', 'q=;;']));
  if (random.chance(0.1)) add('x-request-id', headerText(hostileText(random)).slice(0, 300));
  if (random.chance(0.1)) add('x-forwarded-for', random.pick(['1.2.3.4', '::1', '"; a', ',,,']));
  if (random.chance(0.05)) add('traceparent', headerText(hostileText(random)).slice(0, 300));
  if (random.chance(0.03)) add('content-encoding', random.pick(['gzip', 'br', 'x']));
  if (random.chance(0.03)) add('host', random.pick(['evil.example', 'a b', '', '[::1', 'x:99999']));
  if (random.chance(0.03)) add('expect', random.pick(['100-continue', '200-ok']));
  // Answered by whoever reads raw headers only: an injected line, or a byte that no header has.
  if (random.chance(0.02))
    add('x-injected', random.pick(['a\r\nx-role: operator', 'a\u0000b', 'a\nb']));
  return headers;
}

function bodyOf(
  random: Random,
  route: Route,
  context: Context,
  headers: [string, string][],
): Buffer | undefined {
  const known = route.bodies[random.below(route.bodies.length)];
  if (!known && random.chance(0.8)) return undefined;
  const [type, schema] = known ?? ['application/json', {}];
  const wrong = random.chance(0.05);
  const sent = wrong
    ? random.pick(['text/xml', 'application/x-www-form-urlencoded', 'a/b;;', 'multipart/form-data'])
    : type;
  if (type.startsWith('multipart/')) {
    headers.push(['content-type', wrong ? sent : `${type}; boundary=${BOUNDARY}`]);
    return multipart(random, schema, context);
  }
  headers.push(['content-type', sent]);
  return Buffer.from(jsonText(random, schema));
}

function jsonText(random: Random, schema: Schema): string {
  const value = fitting(random, schema);
  switch (random.below(12)) {
    case 0:
      return JSON.stringify(value);
    case 1:
      return JSON.stringify(hostile(random));
    case 2: {
      const depth = 1 + random.below(random.chance(0.1) ? 40_000 : 400);
      return `${'['.repeat(depth)}${']'.repeat(depth)}`;
    }
    case 3: {
      const depth = 1 + random.below(400);
      return `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
    }
    case 4:
      return JSON.stringify(value).slice(0, random.below(60));
    case 5: {
      const inside = JSON.stringify(value).slice(1, -1);
      // Twice the same keys, the second time with other values.
      return `{${inside}${inside ? ',' : ''}${JSON.stringify(spoiled(random, value)).slice(1)}`;
    }
    case 6:
      return random.pick(['', ' ', '\u0000', '\ufeff{}', '{}{}', 'null', '{"__proto__":{"a":1}}']);
    default:
      return JSON.stringify(spoiled(random, value)) ?? '';
  }
}

/** Of a part, by its format: URLs and ids stand for something else, and mostly for nothing that is there. */
const CHANCE: Record<string, number> = { binary: 0.9, uri: 0.1, uuid: 0.1 };

function multipart(random: Random, schema: Schema, { image }: Context): Buffer {
  const parts: Buffer[] = [];
  const add = (...of: Parameters<typeof part>) => parts.push(part(...of));
  const field = (name: string, of: Schema) => {
    if (of.format === 'binary') {
      const good = random.chance(0.6);
      const bytes = good ? image : random.bytes(random.below(3_000));
      add(
        name,
        bytes,
        random.chance(0.9) ? 'a.png' : headerText(hostileText(random)).slice(0, 900),
      );
    } else add(name, textFor(random, of));
  };
  const fields = Object.entries(schema.properties ?? {});
  for (const [name, of] of fields)
    if (random.chance(CHANCE[of.format ?? ''] ?? 0.4)) {
      field(name, of);
      if (random.chance(0.05)) field(name, of);
    }
  if (random.chance(0.15))
    add(random.pick(['tokens', 'role', 'userId', '', '__proto__', 'x"y']), 'x');
  if (random.chance(0.03)) for (let i = 0; i < 60; i++) add('style', 'starry-night');
  if (random.chance(0.02)) add('style', 'x'.repeat(1_000_000));
  const end = random.chance(0.95) ? `--${BOUNDARY}--\r\n` : '';
  const whole = Buffer.concat([...parts, Buffer.from(end)]);
  return random.chance(0.05) ? whole.subarray(0, random.below(whole.length)) : whole;
}

/** Printable, so that it is a header's value; the injected ones come separately. */
function headerText(text: string): string {
  return text.replaceAll(/[^\u0020-\u007e\u00a0-\u00ff]/g, '?');
}
