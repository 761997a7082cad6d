import { CODE_LENGTH, type Engine, STYLE_SIDE } from '../engine/engine.js';

/** Sizes that most people send; a size's first run also pays for its memory. */
const WARM_SIDES = [256];

/** Runs both graphs once, so that the first caller does not wait for it. */
export async function warmUp(engine: Engine): Promise<void> {
  await engine.encode(black(STYLE_SIDE));
  for (const side of WARM_SIDES)
    await engine.stylize([{ content: black(side), code: new Float32Array(CODE_LENGTH) }]);
}

const black = (side: number) => ({
  data: new Uint8Array(3 * side * side),
  width: side,
  height: side,
});
