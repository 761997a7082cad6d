/** TensorFlow.js bindings, in the order in which they are tried. */
export const BINDINGS = ['tfjs-node-gpu', 'tfjs-node', 'tfjs-wasm'] as const;

export type Binding = (typeof BINDINGS)[number];

/**
 * The bindings to try for an engine and device, in order.
 *
 * @param engine `tensorflow` for any, or the name of one.
 */
export function bindingsFor(engine: string, device: string): Binding[] {
  const fits = (binding: Binding) =>
    device === 'auto' || device === (binding === 'tfjs-node-gpu' ? 'cuda' : 'cpu');
  return BINDINGS.filter((binding) => engine === 'tensorflow' || engine === binding).filter(fits);
}
