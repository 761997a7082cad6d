/**
 * The layers of inference-service, top to bottom: a layer imports only those below it. `errors.ts` and
 * `packages/common` lie below all.
 */
const LAYERS = [
  'main',
  'server',
  'http',
  'service',
  'metrics|admission|model|threads',
  'stylize',
  'engine',
];
const path = (layers) => `^inference-service/src/(${layers})(/|\\.ts$)`;

export default {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    ...LAYERS.slice(1).map((layer, index) => ({
      name: `no-upward-import-from-${layer}`,
      severity: 'error',
      from: { path: path(layer), pathNot: '\\.spec\\.ts$' },
      to: { path: path(LAYERS.slice(0, index + 1).join('|')) },
    })),
  ],
  options: {
    // Type-only imports count: they, too, have to be read.
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
  },
};
