import base from '../../../jest.config.base.js';

/** The tests of the rules below mutation; `run.ts` has started what they need. */
export default {
  ...base,
  rootDir: '../..',
  testMatch: [
    '<rootDir>/src/{tokens,idempotency,transformations}/**/*.spec.ts',
    '<rootDir>/test/integration/{endings,fairness,idempotency,ledger,outbox,style-ledger,tokens}.spec.ts',
  ],
  maxWorkers: 1,
};
