/** What TensorFlow.js can run on here, in the order in which it is tried. */
export const BINDINGS = ['tfjs-node-gpu', 'tfjs-node', 'tfjs-wasm'] as const;

export type Binding = (typeof BINDINGS)[number];

/**
 * Those that an engine's name means on a device, in the order in which they are tried.
 *
 * @param engine `tensorflow` for any, or the name of one.
 */
export function bindingsFor(engine: string, device: string): Binding[] {
  const fits = (binding: Binding) =>
    device === 'auto' || device === (binding === 'tfjs-node-gpu' ? 'cuda' : 'cpu');
  return BINDINGS.filter((binding) => engine === 'tensorflow' || engine === binding).filter(fits);
}
