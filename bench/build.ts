/**
 * Makes the programs of the benchmark, on the spot, in a folder that git ignores: C with `cc -O2`, the TypeScript
 * servers as plain modules, so that nothing but Node stands between them and the measurement.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Inside the repository: the servers' imports resolve as a user's would. */
const CACHE = fileURLToPath(new URL('../.cache', import.meta.url));

const C_FLAGS = ['-std=c11', '-O2', '-Wall', '-Wextra', '-Werror'];

/** Builds everything in a folder for this purpose, and gives the function that finds a program by name. */
export function build(purpose: 'run' | 'test'): (name: string) => string {
  const out = join(CACHE, `bench-${purpose}`);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(join(out, 'servers'), { recursive: true });
  for (const name of ['epoll-server', 'load']) {
    const source = join(HERE, 'c', `${name}.c`);
    execFileSync('cc', [...C_FLAGS, '-o', join(out, name), source], {
      stdio: 'inherit',
    });
  }
  for (const name of readdirSync(join(HERE, 'servers'))) {
    const { outputText } = ts.transpileModule(readFileSync(join(HERE, 'servers', name), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    });
    writeFileSync(join(out, 'servers', name.replace(/\.ts$/, '.js')), outputText);
  }
  return (name) => join(out, name);
}
