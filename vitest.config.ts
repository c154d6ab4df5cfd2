import { defineConfig } from 'vitest/config';

/** What keeps all processors busy by itself: beside another, each would only take longer, and measure the other. */
const BUSY = ['test/chaos/**/*.test.ts', 'test/stress/**/*.test.ts', 'test/integration/{race,broken-locks}.test.ts'];

export default defineConfig({
  test: {
    reporters: ['default', './test/closing-line-reporter.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    passWithNoTests: false,
    allowOnly: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'side by side',
          include: ['test/**/*.test.ts'],
          exclude: ['node_modules/**', 'dist/**', ...BUSY],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'one by one',
          // The stress tests are short here; with IPC_LAB_STRESS=1 they take minutes.
          include: BUSY,
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
