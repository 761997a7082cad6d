/** A JSON schema, as far as it is used here. */
export type Schema = Record<string, unknown>;

interface OpenApi {
  components?: { schemas?: Record<string, Schema> };
}

interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

const REFERENCE = '#/components/schemas/';

/**
 * The kinds of one of Kubernetes' OpenAPI documents as separate JSON schemas that refuse unknown fields.
 * Keys are the paths that kubeconform expects: `<group, or v1>/<kind in lower case>_<version>`.
 */
export function kindsOf(document: OpenApi): Map<string, Schema> {
  const schemas = document.components?.schemas ?? {};
  const kinds = new Map<string, Schema>();
  for (const [name, schema] of Object.entries(schemas)) {
    const known = schema['x-kubernetes-group-version-kind'] as GroupVersionKind[] | undefined;
    // Kinds with several versions are in every API, such as DeleteOptions.
    if (known?.length !== 1 || !known[0]) continue;
    const { group, version, kind } = known[0];
    const definitions: Record<string, Schema> = {};
    collect(name, schemas, definitions);
    const place = `${group || version}/${kind.toLowerCase()}_${version}`;
    kinds.set(place, { $ref: `#/definitions/${name}`, definitions });
  }
  return kinds;
}

function collect(name: string, schemas: Record<string, Schema>, into: Record<string, Schema>) {
  const schema = schemas[name];
  if (!schema || into[name]) return;
  into[name] = strict(schema) as Schema;
  for (const [, next = ''] of JSON.stringify(schema).matchAll(/"#\/components\/schemas\/([^"]+)"/g))
    collect(next, schemas, into);
}

/** The same with local references and without additional fields. */
function strict(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(strict);
  if (typeof node !== 'object' || node === null) return node;
  const made: Schema = {};
  for (const [key, value] of Object.entries(node))
    made[key] =
      key === '$ref' && typeof value === 'string'
        ? value.replace(REFERENCE, '#/definitions/')
        : strict(value);
  if (typeof made.properties === 'object' && !('additionalProperties' in made))
    made.additionalProperties = false;
  return made;
}
