import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { OpenAPIObject, OperationObject } from '@nestjs/swagger';
import request, { type Response } from 'supertest';
import { createDocument } from '../../../src/app/document.js';
import { SCOPES } from '../../../src/common/principal.js';
import { keyOf } from '../../factories/api-keys.js';
import { operatorOf, registered, type TestUser } from '../../factories/users.js';
import { FakeInference } from '../../support/fake-inference.js';
import { useTestApp } from '../../support/fixtures.js';
import { expectProblem } from '../../support/problems.js';
import { tracesOf } from '../../support/traces.js';
import { RESOURCES } from './resources.js';
import { type Access, ACCESS, PRINCIPALS, type PrincipalName } from './table.js';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;
type Method = (typeof METHODS)[number];

const STATUS = {
  UNAUTHENTICATED: 401,
  INSUFFICIENT_SCOPE: 403,
  OPERATOR_ONLY: 403,
  NOT_FOUND: 404,
  STYLE_NOT_FOUND: 404,
} as const;

const operationsOf = ({ paths }: OpenAPIObject) =>
  new Map(
    Object.entries(paths).flatMap(([path, item]) =>
      METHODS.flatMap((method): [string, OperationObject][] => {
        const operation = item[method];
        return operation ? [[`${method} ${path}`, operation]] : [];
      }),
    ),
  );

describe('who may call', () => {
  const app = useTestApp({ inference: new FakeInference() });

  /** The bearer token of each principal. */
  const principals = async (scope: Access['scope']) => {
    const [owner, other, operator] = await Promise.all([
      registered(app),
      registered(app),
      operatorOf(app),
    ]);
    const without = SCOPES.filter((known) => known !== scope);
    const tokens: Record<PrincipalName, string | undefined> = {
      nobody: undefined,
      other: other.accessToken,
      operator: operator.accessToken,
      'key without the scope': (await keyOf(app, owner, { scopes: without })).key,
      "other's key": (await keyOf(app, other)).key,
      "owner's key": (await keyOf(app, owner)).key,
      owner: owner.accessToken,
    };
    return { owner, tokens };
  };

  const call = async (
    route: string,
    token: string | undefined,
    { body }: Access,
    ids: Record<string, string> = {},
  ): Promise<Response> => {
    const [method = '', path = ''] = route.split(' ');
    const address = path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
      if (!ids[name]) throw new Error(`${route}: nothing is known of {${name}}`);
      return ids[name];
    });
    const sent = request(app.url)[method as Method](address);
    if (token) void sent.auth(token, { type: 'bearer' });
    return body ? sent.send(body) : sent;
  };
  const made = (access: Access, owner: TestUser): Promise<Record<string, string>> =>
    access.resource ? RESOURCES[access.resource](app, owner) : Promise.resolve({});

  const expectRefused = (response: Response, code: keyof typeof STATUS, scope: Access['scope']) => {
    expectProblem(response, STATUS[code], code);
    if (code === 'UNAUTHENTICATED') expect(response.headers['www-authenticate']).toBe('Bearer');
    if (code === 'INSUFFICIENT_SCOPE' && scope !== 'no key')
      expect(response.body.detail).toContain(`"${scope}"`);
  };
  const told = ({ body }: Response) => ({ ...body, instance: '', requestId: '' });

  it('is written down for every operation of the document, and for no other', () => {
    const operations = operationsOf(createDocument(app.app));
    expect(Object.keys(ACCESS).toSorted()).toEqual([...operations.keys()].toSorted());
  });

  it('is what the document says', () => {
    const securityOf = ({ scope, optional }: Access) =>
      scope && [{ bearer: scope === 'no key' ? [] : [scope] }, ...(optional ? [{}] : [])];
    const operations = operationsOf(createDocument(app.app));
    for (const [route, access] of Object.entries(ACCESS))
      expect([route, operations.get(route)?.security]).toEqual([route, securityOf(access)]);
  });

  it.each(Object.entries(ACCESS))('%s', async (route, access) => {
    const { outcomes, scope } = access;
    const { owner, tokens } = await principals(scope);
    const ids = await made(access, owner);
    const before = await tracesOf(app, owner);
    for (const name of PRINCIPALS) {
      const code = outcomes[name];
      if (code === 'goes through') continue;
      const response = await call(route, tokens[name], access, ids);
      expectRefused(response, code, scope);
      if (STATUS[code] !== 404) continue;
      // Ids tell nothing: the same words for what belongs to another and for what never was.
      const unknown = Object.fromEntries(Object.keys(ids).map((id) => [id, randomUUID()]));
      expect(told(await call(route, tokens[name], access, unknown))).toEqual(told(response));
    }
    expect(await tracesOf(app, owner)).toEqual(before);

    for (const name of PRINCIPALS.filter((name) => outcomes[name] === 'goes through')) {
      const own = route.startsWith('get ') ? ids : await made(access, owner);
      const { status } = await call(route, tokens[name], access, own);
      const usual = route.startsWith('get ') ? 200 : undefined;
      const wanted = access.status ?? usual;
      if (wanted) expect([name, status]).toEqual([name, wanted]);
      else expect([name, [401, 403, 404].includes(status) || status >= 500]).toEqual([name, false]);
    }
  });

  it('never lists what belongs to another', async () => {
    const { owner, tokens } = await principals(undefined);
    const ids: string[] = [];
    for (const make of Object.values(RESOURCES)) ids.push(...Object.values(await make(app, owner)));
    for (const [route, access] of Object.entries(ACCESS)) {
      if (!route.startsWith('get ') || route.includes('{')) continue;
      for (const name of ['nobody', 'other', "other's key"] as const) {
        const { text } = await call(route, tokens[name], access);
        expect([route, ids.filter((id) => text.includes(id))]).toEqual([route, []]);
      }
    }
    // They would be seen: the owner is shown them.
    const { text } = await owner.get('/v1/transformations');
    expect(ids.filter((id) => text.includes(id))).toHaveLength(1);
  });
});
