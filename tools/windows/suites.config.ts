/** Vitest for the packages' own tests, laid out by stage.ts; the lane copies it beside them. */
import { defineConfig } from 'vitest/config';
import { LEFT_OUT } from './differences.js';

export default defineConfig({
  test: {
    include: ['packages/**/*.test.{ts,mjs}'],
    exclude: LEFT_OUT.map(({ files }) => files),
    // As on Linux: tests start threads and die in child processes.
    pool: 'forks',
    // A process takes half a second to start under Wine.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    reporters: ['dot', ['json', { outputFile: 'report.json' }]],
  },
});
