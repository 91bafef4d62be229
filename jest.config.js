const swc = (tsx) => [
  '@swc/jest',
  {
    swcrc: false,
    sourceMaps: 'inline',
    jsc: {
      target: 'es2022',
      parser: { syntax: 'typescript', tsx },
      ...(tsx ? { transform: { react: { runtime: 'automatic' } } } : {}),
    },
    module: { type: 'commonjs', ignoreDynamic: true },
  },
];

/** @type {import('jest').Config} */
module.exports = {
  roots: ['<rootDir>/tests'],
  testMatch: ['**/*.test.ts', '**/*.test.tsx'],
  transform: { '\\.tsx$': swc(true), '\\.ts$': swc(false) },
  testEnvironment: '<rootDir>/tests/support/environment.ts',
  setupFilesAfterEnv: ['<rootDir>/tests/support/setup.ts'],
  globalSetup: '<rootDir>/tests/support/servers.ts',
  globalTeardown: '<rootDir>/tests/support/servers-teardown.ts',
  testSequencer: '<rootDir>/scripts/test-sequencer.cjs',
  reporters: ['default', '<rootDir>/scripts/summary-reporter.cjs'],
  cacheDirectory: '<rootDir>/.cache/jest',
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.cache/', '<rootDir>/.data/'],
  restoreMocks: true,
  // A busy machine is no failure: what a test waits for has 30 seconds.
  testTimeout: 90_000,
  // Two cores: PostgreSQL and Temporal want their share of them too.
  maxWorkers: 2,
};
