// `pnpm prebuilds [TARGET...]`: builds the addon for every system that ships a binary, on this one machine, and prints each
// file with its size and hash, and which lanes have run exactly these bytes (runs.mjs).
//
// The compiler is Zig's C++ (clang with the headers of every system inside), from the package registry; `NETLOOM_ZIG` is the
// folder in which it lies or shall lie, default node_modules/.cache/zig (400 MB). The first build for a system takes one to
// two minutes more, because the C++ library is compiled for it. Same sources and flags everywhere, warnings are errors.
//
// Exit code 77, and one line that says why, where the compiler cannot be had.
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { compileAll, flagsFor, NAME, root, sourcesFor, start } from '../scripts/compile.mjs';
import { compilerFor, environment } from './compiler.mjs';
import { makeNodeImports } from './node-imports.mjs';
import { tableOf } from './runs.mjs';
import { TARGETS } from './targets.mjs';

const USAGE = 2;

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in TARGETS));
if (unknown.length > 0) {
  console.error(
    `no such target: ${unknown.join(' ')}; there are ${Object.keys(TARGETS).join(' ')}`,
  );
  process.exit(USAGE);
}

for (const name of wanted.length > 0 ? wanted : Object.keys(TARGETS)) await build(name);
console.log(tableOf().join('\n'));

/** One file of the package, renamed into place: a running process may have the old one mapped. */
async function build(name) {
  const { triple, os, file, without = [], link = [] } = TARGETS[name];
  const began = Date.now();
  const objects = join(root, 'build', `prebuild-${name}`);
  const compiler = compilerFor(name);
  const options = { environment, isQuiet: true };
  const inputs = await compileAll({
    compiler,
    flags: flagsFor(os).filter((flag) => !without.includes(flag)),
    sources: sourcesFor(os),
    folder: objects,
    ...options,
  });
  if (os === 'win32') inputs.push(...(await makeNodeImports(objects, compiler, options)));
  const made = join(objects, `${NAME}.node`);
  const args = ['-target', triple, '-O2', '-shared', '-s', ...inputs, ...link, '-o', made];
  await start(compiler[0], ['c++', ...args], options);
  const to = join(root, file);
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(made, `${to}.new`);
  renameSync(`${to}.new`, to);
  console.log(`built ${name} (${Math.round((Date.now() - began) / 1000)} s)`);
}
