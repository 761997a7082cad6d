import { extname } from 'node:path';

/** `.ts` in development, `.js` once compiled. */
export const extension = extname(import.meta.url);

/** Lets Node run the TypeScript sources; compiled code needs no options. */
export const execArgv =
  extension === '.ts'
    ? [
        '--experimental-transform-types',
        '--disable-warning=ExperimentalWarning',
        ...['--import', new URL('../../typescript.mjs', import.meta.url).href],
      ]
    : [];
