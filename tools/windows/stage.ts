/**
 * `pnpm exec tsx tools/windows/stage.ts FOLDER` in the root, after a build: lays out what was built as an installation for
 * another system has it, so that a Node of that system can run it.
 *
 * Flat `node_modules` of copies: Wine shows pnpm's links as folders, and a package would be loaded once per link.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { isPublished, listPackages, readManifest } from '../workspace.js';

const ROOT = resolve(import.meta.dirname, '../..');
/** What runs there, from the root; each keeps its place. */
const PROGRAMS = ['apps/demo/dist', 'vectors'];
/** What of a package its own tests need. Not its manifest: what it imports by its own name shall be the installed one. */
const SOURCES = ['src', 'test', 'dist', 'prebuilds'];

const folder = process.argv[2];
if (folder === undefined) throw new Error('stage.ts FOLDER: no folder was given');
rmSync(folder, { recursive: true, force: true });
const modules = join(folder, 'node_modules');
mkdirSync(modules, { recursive: true });

for (const one of listPackages(ROOT)) {
  if (isPublished(one)) {
    const to = join(modules, one.manifest.name);
    for (const part of ['package.json', ...(one.manifest.files ?? [])]) {
      const from = join(one.dir, part);
      if (existsSync(from)) cpSync(from, join(to, part), { recursive: true });
    }
    for (const part of SOURCES) {
      const from = join(one.dir, part);
      const into = join(folder, relative(ROOT, from));
      if (existsSync(from)) cpSync(from, into, { recursive: true });
    }
  }
  addDependencies(one.dir);
}
for (const program of PROGRAMS) {
  cpSync(join(ROOT, program), join(folder, program), { recursive: true });
}

/** Everything from elsewhere that the package in `dir` needs to run. */
function addDependencies(dir: string): void {
  const manifest = readManifest(dir);
  for (const name of Object.keys(manifest.dependencies ?? {})) {
    const to = join(modules, name);
    if (name.startsWith('@netloom/') || existsSync(to)) continue;
    const from = folderOf(name, dir);
    cpSync(from, to, { recursive: true, dereference: true });
    addDependencies(from);
  }
}

/** Where a package lies that the one in `dir` imports by name. */
function folderOf(name: string, dir: string): string {
  const require = createRequire(join(realpathSync(dir), 'package.json'));
  for (const candidate of require.resolve.paths(name) ?? []) {
    const manifest = join(candidate, name, 'package.json');
    if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).name === name) {
      return dirname(realpathSync(manifest));
    }
  }
  throw new Error(`${name}, which ${dir} needs, is not installed`);
}
