export interface Size {
  width: number;
  height: number;
}

/**
 * The size of the output in pixels: the input's shape with its longest side at `maxSize` (the
 * input's own size when absent), no side below one pixel. Price and picture both follow from it,
 * so both services call this one.
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
 * The size in pixels at which the network works, so that its strokes come out `strokeScale` times
 * as large in the output. What it makes is then brought to the size of the output.
 */
export function strokeSize(output: Size, strokeScale: number): Size {
  return {
    width: Math.max(1, Math.round(output.width / strokeScale)),
    height: Math.max(1, Math.round(output.height / strokeScale)),
  };
}
