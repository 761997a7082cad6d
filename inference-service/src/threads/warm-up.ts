import { CODE_LENGTH, type Engine, STYLE_SIDE } from '../engine/engine.js';

/** The size most people send; the first run at any size also pays for the threads' start. */
const WARM_SIDE = 512;

/** Runs both graphs once, so that the first caller does not wait for it. */
export async function warmUp(engine: Engine): Promise<void> {
  const grey = (side: number) => ({
    data: new Float32Array(3 * side * side).fill(0.5),
    width: side,
    height: side,
  });
  await engine.encode(grey(STYLE_SIDE));
  await engine.stylize(grey(WARM_SIDE), new Float32Array(CODE_LENGTH));
}
