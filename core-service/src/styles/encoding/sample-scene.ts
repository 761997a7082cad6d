import { readFileSync } from 'node:fs';

/**
 * What styles are shown on: 576 x 384 pixels of our own sample, JPEG. Beside src and dist alike;
 * scripts/make-scene.ts makes it.
 */
export const SAMPLE_SCENE = readFileSync(new URL('../../../assets/scene.jpg', import.meta.url));
