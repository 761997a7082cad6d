import { show } from './demo/show.js';
import { withSystem } from './run/with-system.js';

withSystem(show);
