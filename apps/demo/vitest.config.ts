import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Every test starts programs, and machines may be busy; a program that hangs is ended before this.
  test: { testTimeout: 90_000, hookTimeout: 90_000 },
});
