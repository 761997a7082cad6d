import { fileURLToPath } from 'node:url';

export default {
  testEnvironment: fileURLToPath(new URL('jest.environment.js', import.meta.url)),
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '^.+\\.ts$': '@swc/jest' },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['**/src/**/*.spec.ts', '**/test/**/*.spec.ts'],
  testTimeout: 30_000,
  maxWorkers: 2,
};
