import { availableParallelism } from 'node:os';
import { blockOtherLoaders } from '@stylizer/common';
import pLimit from 'p-limit';

blockOtherLoaders();

/**
 * Runs the work when it is its turn. Decoding an upload takes a core and, for large pictures,
 * hundreds of megabytes, whatever it is wanted for.
 */
export const decodingTurn = pLimit(availableParallelism());
