import { writeGolden } from './golden.js';

writeGolden();
