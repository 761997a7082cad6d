import base from './jest.config.js';

// Needs Helm and kubeconform: make chart-check.
export default { ...base, testMatch: ['<rootDir>/chart/*.check.ts'] };
