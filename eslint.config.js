import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';

/** Imports go one way: request, who asks, hold, enqueue, infer, store, settle, deliver. */
const boundary = (files, forbidden, message) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex:
              '^\\.\\./(\\.\\./)*(?!test/)[a-z-]+/([a-z-]+/)*[a-z-]+\\.(repository|entity)\\.js$',
            message: "Another feature's repository or entity is its own affair: use its service.",
          },
          ...(forbidden ? [{ regex: forbidden, message }] : []),
        ],
      },
    ],
  },
});

const features =
  '(auth|accounts|account-data|sign-in|limits|users|mail|tokens|pricing|events|uploads|idempotency|styles|transformations|queue|inference|storage|payments|api-keys|admin|audit|webhooks|outgoing|health|metrics)';

export default defineConfig(
  { ignores: ['**/dist/', '**/coverage/', '.data/', 'out/'] },
  js.configs.recommended,
  ts.configs.strict,
  ts.configs.stylistic,
  {
    languageOptions: { globals: globals.node },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    // These run at a terminal and speak to it.
    files: ['scripts/**', 'examples/**', '**/scripts/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // Type-aware rules: a promise nobody waits for is how work and errors get lost.
    files: [
      'core-service/{src,test}/**/*.ts',
      'inference-service/{src,test}/**/*.ts',
      'packages/common/{src,test}/**/*.ts',
    ],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    // Typed arrays indexed within bounds that the loop already states.
    files: ['examples/scenes/**', 'inference-service/src/{stylize,engine}/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  boundary(['core-service/src/**/*.ts']),
  boundary(
    ['core-service/src/{common,config}/**/*.ts'],
    `/${features}/`,
    'common and config know no feature.',
  ),
  boundary(
    ['core-service/src/tokens/**/*.ts'],
    '/(styles|transformations|queue|inference|storage)/',
    'The ledger knows nothing of images.',
  ),
  boundary(
    ['core-service/src/{queue,inference,storage,idempotency,uploads,users,events,pricing}/**/*.ts'],
    '/(transformations|styles|auth|tokens)/',
    'Imports go the way of the data and never back.',
  ),
  boundary(
    ['core-service/src/styles/**/*.ts'],
    '/transformations/',
    'Transformations use styles, never the other way.',
  ),
  {
    // Pure rules: no framework, no database, no I/O.
    files: ['core-service/src/**/{ledger,transformation,pricing}.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(@nestjs|typeorm|pg|node:(?!crypto)|fastify)',
              message: 'A pure rule imports no framework, database or I/O.',
            },
          ],
        },
      ],
    },
  },
);
