import base from '../jest.config.base.js';

export default {
  ...base,
  globalSetup: '<rootDir>/test/support/postgres-global-setup.js',
  globalTeardown: '<rootDir>/test/support/postgres-global-teardown.js',
};
