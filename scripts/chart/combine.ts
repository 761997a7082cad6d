type Tree = Record<string, unknown>;

const isTree = (node: unknown): node is Tree =>
  typeof node === 'object' && node !== null && !Array.isArray(node);

/** Merges values as Helm and Argo CD do: maps are merged, everything else is replaced. */
export function combine(base: object, over: object): Tree {
  const made: Tree = { ...base };
  for (const [key, value] of Object.entries(over)) {
    const below = made[key];
    made[key] = isTree(below) && isTree(value) ? combine(below, value) : value;
  }
  return made;
}
