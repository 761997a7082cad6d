import base from '../jest.config.base.js';

// The real network on cores that others use as well.
export default { ...base, testTimeout: 60_000 };
