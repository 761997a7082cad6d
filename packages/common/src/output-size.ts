export interface Size {
  width: number;
  height: number;
}

/**
 * The size of the output in pixels: the input's shape with its longest side at `maxSize` (the
 * input's size when absent), no side below one pixel. Price and result both depend on it, so both
 * services call this function.
 */
export function outputSize(input: Size, maxSize?: number): Size {
  if (maxSize === undefined) return { width: input.width, height: input.height };
  const scale = maxSize / Math.max(input.width, input.height);
  return {
    width: Math.max(1, Math.round(input.width * scale)),
    height: Math.max(1, Math.round(input.height * scale)),
  };
}

/**
 * The network's working resolution, which makes strokes `strokeScale` times as large in the output. Its
 * image is then resized to the output size.
 */
export function strokeSize(output: Size, strokeScale: number): Size {
  return {
    width: Math.max(1, Math.round(output.width / strokeScale)),
    height: Math.max(1, Math.round(output.height / strokeScale)),
  };
}
