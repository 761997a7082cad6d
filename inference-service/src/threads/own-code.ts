import { extname } from 'node:path';

/** Of this file, and so of every one beside it: `.ts` in development, `.js` once compiled. */
export const extension = extname(import.meta.url);

/** For Node to run the service's sources as they stand; compiled ones need nothing. */
export const execArgv =
  extension === '.ts'
    ? [
        '--experimental-transform-types',
        '--disable-warning=ExperimentalWarning',
        ...['--import', new URL('../../typescript.mjs', import.meta.url).href],
      ]
    : [];
