import { CODE_LENGTH, type Engine, STYLE_SIDE } from '../engine/engine.js';

/** Small: what a run takes is kept, and 512 would keep 30 MB that large pictures do without. */
const WARM_SIDE = 256;

/** Runs both graphs once, so that the first caller does not wait for it. */
export async function warmUp(engine: Engine): Promise<void> {
  await engine.encode(black(STYLE_SIDE));
  await engine.stylize([{ content: black(WARM_SIDE), code: new Float32Array(CODE_LENGTH) }]);
}

const black = (side: number) => ({
  data: new Uint8Array(3 * side * side),
  width: side,
  height: side,
});
