import { readFileSync, writeFileSync } from 'node:fs';
import { format, resolveConfig } from 'prettier';
import { PAGE, withTables } from './values-table.js';

const page = withTables(readFileSync(PAGE, 'utf8'));
const config = await resolveConfig(PAGE);
writeFileSync(PAGE, await format(page, { ...config, filepath: PAGE }));
