/**
 * A small repository to plant faults in, for the tests of the checks.
 *
 * It lies in `.cache/`, inside the real one, so that types of Node resolve as they do there.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const CACHE = fileURLToPath(new URL('../.cache', import.meta.url));

export class SmallTree implements Disposable {
  readonly root: string;

  /** @param files - path from the root to content; anything but text is written as JSON */
  constructor(files: Readonly<Record<string, unknown>>) {
    mkdirSync(CACHE, { recursive: true });
    this.root = mkdtempSync(join(CACHE, 'small-tree-'));
    this.write(files);
  }

  write(files: Readonly<Record<string, unknown>>): void {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.root, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

/** A manifest as the packages have it. */
export function manifest(room: string, dependencies: readonly string[] = []): object {
  return {
    name: `@netloom/${room}`,
    version: '0.1.0',
    type: 'module',
    exports: { '.': { types: './dist/index.d.ts', default: './dist/index.js' } },
    files: ['dist'],
    dependencies: Object.fromEntries(dependencies.map((name) => [name, '*'])),
  };
}
