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
  const out = emptyFolder(`bench-${purpose}`);
  mkdirSync(join(out, 'servers'));
  for (const name of ['epoll-server', 'load', 'native-calls', 'native-wake']) {
    const source = join(HERE, 'c', `${name}.c`);
    execFileSync('cc', [...C_FLAGS, '-o', join(out, name), source], {
      stdio: 'inherit',
    });
  }
  transpile(join(HERE, 'servers'), join(out, 'servers'));
  mkdirSync(join(out, 'native'));
  transpile(join(HERE, 'native', 'subjects'), join(out, 'native'));
  return (name) => join(out, name);
}

/** An empty folder for what a subcommand builds. */
export function emptyFolder(name: string): string {
  const out = join(CACHE, name);
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  return out;
}

/** Makes plain modules of all TypeScript files of a folder. */
export function transpile(from: string, to: string): void {
  for (const name of readdirSync(from)) {
    const { outputText } = ts.transpileModule(readFileSync(join(from, name), 'utf8'), {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022,
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    });
    writeFileSync(join(to, name.replace(/\.ts$/, '.js')), outputText);
  }
}
