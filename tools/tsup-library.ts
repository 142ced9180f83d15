/**
 * How every published package is built: one output file per source file, so that
 * `import.meta.url` names the module a worker thread can import, and stack traces keep their files.
 * Type declarations are rolled up per public entry.
 */
import { defineConfig } from 'tsup';

export interface LibraryOptions {
  /** The public entries, as in the package's `exports`; each gets a declaration file. */
  readonly entries: readonly string[];
}

export function library({ entries }: LibraryOptions): ReturnType<typeof defineConfig> {
  return defineConfig({
    entry: ['src/**/*.ts', '!src/**/*.test.ts'],
    bundle: false,
    format: ['esm'],
    target: 'node20',
    dts: { entry: [...entries] },
    sourcemap: true,
    clean: true,
  });
}
