import { defineConfig } from 'tsup';

export default defineConfig({
  // One output per source: a module with a coroutine must be a file that a pool thread can import by its own URL.
  entry: [
    'main.ts',
    '{commands,dialogue,theatre,stages,scenes,experiments}/**/*.ts',
    '!**/*.test.ts',
  ],
  bundle: false,
  format: ['esm'],
  target: 'node20',
  sourcemap: true,
  clean: true,
});
