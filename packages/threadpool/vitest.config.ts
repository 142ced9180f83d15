import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Nearly every test starts threads, and machines may be busy; one that hangs is told from one that is slow.
  test: { testTimeout: 60_000, hookTimeout: 60_000 },
});
