import { availableParallelism } from 'node:os';

/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/environment.mjs',
  testSequencer: '<rootDir>/test/sequencer.mjs',
  // One worker on two cores, the default, would leave one of them idle.
  maxWorkers: Math.max(2, availableParallelism() - 1),
  // Only what hangs ends here: a busy machine may take its time. No test has a timeout of its own.
  testTimeout: 600_000,
  // Node keeps the modules of every suite that ran: some 20 MB each.
  workerIdleMemoryLimit: '1GB',
  globalTeardown: '<rootDir>/test/open-handles.mjs',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: {
    '^@electric-sql/pglite$': '<rootDir>/test/pglite.ts',
    '^express-scim$': '<rootDir>/src/index.ts',
    '^express-scim/lifecycle$': '<rootDir>/src/lifecycle/index.ts',
    '^express-scim/sql$': '<rootDir>/src/sql.ts',
    '^express-scim/mongodb$': '<rootDir>/src/mongodb.ts',
    '^express-scim/conformance$': '<rootDir>/src/tools/index.ts',
    '^express-scim/stores$': '<rootDir>/src/stores/index.ts',
    '^express-scim/testing$': '<rootDir>/src/testing/index.ts',
    '^express-scim/admin$': '<rootDir>/src/admin/index.ts',
    '^express-scim/jwt$': '<rootDir>/src/jwt/index.ts',
    '^express-scim/events$': '<rootDir>/src/events/index.ts',
    '^express-scim/otel$': '<rootDir>/src/otel/index.ts',
    '^express-scim/openapi$': '<rootDir>/src/openapi/index.ts',
    '^express-scim/rate-limit$': '<rootDir>/src/rate-limit.ts',
    // Sources name what they import by the file that the compiler makes of it.
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    // Types are checked by `npm run types`; here they are only taken off.
    '^.+\\.tsx?$': ['ts-jest', { useESM: true, diagnostics: false, tsconfig: '<rootDir>/test/tsconfig.json' }],
  },
  collectCoverageFrom: ['src/schema/**/*.ts', 'src/protocol/**/*.ts'],
  coverageThreshold: { './src/schema/': { branches: 95 }, './src/protocol/': { branches: 95 } },
  coverageReporters: ['text-summary', 'text'],
};
