import { availableParallelism } from 'node:os';
import { blockOtherLoaders } from '@stylizer/common';
import sharp from 'sharp';
import { DecodingTurns } from './decoding-turns.js';

blockOtherLoaders();
// Else libvips keeps what it decoded last, 400 MB for each picture of 100 megapixels.
sharp.cache(false);

/** Those of this process: uploads are decoded in turn whatever they are wanted for. */
export const decodingTurns = new DecodingTurns(availableParallelism());
