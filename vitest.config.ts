import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';

// .ci/run counts from this file rather than from what is on the screen.
const report = process.env.NETLOOM_TEST_REPORT;

export default defineConfig({
  test: {
    projects: [
      ...readdirSync(new URL('packages', import.meta.url)).map((name) => ({
        extends: true as const,
        root: `packages/${name}`,
        test: {
          name: `@netloom/${name}`,
          // Only ends what hangs: a machine may be busy, and no test promises to be fast.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      })),
      'apps/*',
      'examples',
      {
        extends: true,
        test: {
          name: 'repository',
          include: ['{tools,bench,.ci}/**/*.test.ts'],
          // The checks start compilers and processes on machines that may be busy.
          testTimeout: 60_000,
        },
      },
    ],
    // Tests start threads and die in child processes: a fork per file keeps them apart.
    pool: 'forks',
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**/*.ts'],
      reporter: ['text-summary', 'json-summary'],
    },
  },
});
