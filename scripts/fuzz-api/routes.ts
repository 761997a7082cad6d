/** What is used of JSON Schema, as our document has it. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  example?: unknown;
  properties?: Record<string, Schema>;
  items?: Schema;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  minimum?: number;
  maximum?: number;
  format?: string;
}

export interface Parameter {
  name: string;
  in: 'path' | 'query' | 'header';
  schema: Schema;
}

export interface Route {
  method: string;
  /** With its parameters in braces. */
  path: string;
  operationId: string;
  parameters: Parameter[];
  /** By content type. */
  bodies: [string, Schema][];
  /** Whether a caller must, may or cannot be signed in. */
  secured: boolean;
  statuses: Set<number>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: Record<string, Record<string, unknown>>;
}
interface Operation {
  operationId: string;
  parameters?: (Parameter | { $ref: string })[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  security?: object[];
  responses: Record<string, unknown>;
}

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Every operation of an OpenAPI document, with all references resolved. */
export function routesOf(document: unknown): [Route, ...Route[]] {
  const { paths } = document as Document;
  const routes = Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => METHODS.includes(method))
      .map(([method, operation]) => routeOf(document, method, path, operation)),
  );
  if (routes.length === 0) throw new Error('The document has no routes.');
  return routes as [Route, ...Route[]];
}

function routeOf(document: unknown, method: string, path: string, operation: Operation): Route {
  const { operationId, parameters = [], requestBody, security = [], responses } = operation;
  return {
    method: method.toUpperCase(),
    path,
    operationId,
    parameters: parameters.map((parameter) => resolve(document, parameter) as Parameter),
    bodies: Object.entries(requestBody?.content ?? {}).map(([type, { schema = {} }]) => [
      type,
      resolve(document, schema) as Schema,
    ]),
    secured: security.length > 0,
    statuses: new Set(Object.keys(responses).map(Number)),
  };
}

/** A copy without references; what refers to itself ends as an empty schema. */
function resolve(document: unknown, value: unknown, above: readonly string[] = []): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(document, item, above));
  if (typeof value !== 'object' || value === null) return value;
  const { $ref, ...rest } = value as { $ref?: string };
  if ($ref !== undefined) {
    if (above.includes($ref)) return {};
    const found = $ref
      .split('/')
      .slice(1)
      .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
    return resolve(document, { ...(found as object), ...rest }, [...above, $ref]);
  }
  return Object.fromEntries(
    Object.entries(rest).map(([key, item]) => [key, resolve(document, item, above)]),
  );
}
