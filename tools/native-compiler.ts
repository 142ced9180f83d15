/**
 * What the lanes share that build `packages/winsock-native/native` in other ways than for use: with a sanitizer, with
 * another compiler, with a fault planted.
 *
 * A lane that cannot run here says why in one line and ends with 77.
 */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const SKIPPED = 77;

const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const ROOM = join(ROOT, 'packages', 'winsock-native');
export const NATIVE = join(ROOM, 'native');

// SAFETY: the package's build script has no types; these are the flags that it gives its compiler.
const { flagsFor } = (await import(pathToFileURL(join(ROOM, 'scripts', 'compile.mjs')).href)) as {
  flagsFor(os: string): readonly string[];
};

/** As the package's own build has them, but for optimisation, which each lane chooses. */
export const FLAGS: readonly string[] = flagsFor('linux').filter((flag) => flag !== '-O2');

/** All sources of the addon; those of other systems are empty on this one. */
export function sourcesOf(native = NATIVE): string[] {
  return readdirSync(native, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.cc'))
    .map((name) => join(native, name))
    .sort();
}

export interface Build {
  readonly compiler: string;
  readonly flags: readonly string[];
  readonly sources: readonly string[];
  /** Where objects lie; one is kept while neither its source nor any header is newer. */
  readonly folder: string;
  readonly link: readonly string[];
  readonly result: string;
}

/** Compiles two at a time and links; the path of the result. Throws where the compiler finds something. */
export async function build(order: Build): Promise<string> {
  const { compiler, flags, sources, folder, link, result } = order;
  mkdirSync(folder, { recursive: true });
  const headers = newestOf(NATIVE, /\.(h|def)$/);
  const jobs = sources.map((source) => {
    const name = createHash('sha1')
      .update([compiler, ...flags, source].join('\n'))
      .digest('hex');
    const object = join(folder, `${basename(source, '.cc')}-${name.slice(0, 12)}.o`);
    return { source, object };
  });
  const queue = jobs.filter(({ source, object }) => {
    const made = statSync(object, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    return made <= Math.max(headers, statSync(source).mtimeMs, newestOf(dirname(source), /\.h$/));
  });
  const next = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      await start(compiler, [...flags, '-c', job.source, '-o', job.object]);
    }
  };
  await Promise.all([next(), next()]);
  const path = join(folder, result);
  await start(compiler, [...jobs.map(({ object }) => object), ...link, '-o', path]);
  return path;
}

function newestOf(folder: string, names: RegExp): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return Math.max(
    0,
    ...files.filter((name) => names.test(name)).map((name) => statSync(join(folder, name)).mtimeMs),
  );
}

export interface Fault {
  /** Below native/. */
  readonly file: string;
  /** Stands there once. */
  readonly from: string;
  readonly to: string;
}

/** A copy of native/ in `folder` with a fault planted, and the sources to build: only what the fault changes is new. */
export function plant(folder: string, fault: Fault): { include: string; sources: string[] } {
  const copy = join(folder, 'planted');
  rmSync(copy, { recursive: true, force: true });
  cpSync(NATIVE, copy, { recursive: true });
  const path = join(copy, fault.file);
  const parts = readFileSync(path, 'utf8').split(fault.from);
  if (parts.length !== 2) throw new Error(`${fault.file} has not once: ${fault.from}`);
  writeFileSync(path, parts.join(fault.to));
  if (!fault.file.endsWith('.cc')) return { include: copy, sources: sourcesOf(copy) };
  const original = join(NATIVE, fault.file);
  return {
    include: NATIVE,
    sources: sourcesOf().map((source) => (source === original ? path : source)),
  };
}

/** Runs a program with this one's output; throws where it fails. */
export function start(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${basename(command)} ${args.at(-3)} ended with ${signal ?? code}`));
    });
  });
}

/** The path of a library of the compiler; undefined where it has none. */
export function libraryOf(compiler: string, name: string): string | undefined {
  const asked = spawnSync(compiler, [`-print-file-name=${name}`], { encoding: 'utf8' });
  const path = asked.stdout?.trim() ?? '';
  return path.startsWith('/') && existsSync(path) ? path : undefined;
}

export function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** Installs Debian packages where this is root on Debian; whether the programs are there now. */
export function install(packages: readonly string[], programs: readonly string[]): boolean {
  const have = () => programs.every(isInstalled);
  if (have()) return true;
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) return false;
  const options = {
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    stdio: 'ignore',
    timeout: 600_000,
  } as const;
  const args = ['install', '-y', '-qq', '--no-install-recommends', ...packages];
  const installed = (): SpawnSyncReturns<unknown> => spawnSync('apt-get', args, options);
  if (installed().status !== 0) {
    spawnSync('apt-get', ['update', '-qq'], options);
    installed();
  }
  return have();
}

/** Says why the lane does not run, and ends it. */
export function skip(reason: string): never {
  console.log(`skipped: ${reason}`);
  process.exit(SKIPPED);
}
