import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // What takes tenths of a second takes many on a machine with twenty others to run.
    testTimeout: 60_000,
  },
});
