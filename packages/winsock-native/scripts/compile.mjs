// What every build of the addon has in common, whichever compiler makes it: sources, flags, and objects that are kept while
// nothing they could depend on is newer.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const NAME = 'winsock_native';
/** The package's folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));
export const headers = createRequire(import.meta.url)('node-api-headers');

/** The sources for a system, relative to native/. */
export function sourcesFor(os) {
  // A twin guards itself as a whole file, so compiling the other one would only cost time.
  const otherTwin = os === 'win32' ? 'unix.cc' : 'windows.cc';
  return readdirSync(join(root, 'native'), { recursive: true })
    .filter((f) => f.endsWith('.cc') && basename(f) !== otherTwin)
    .sort();
}

export function flagsFor(os) {
  return [
    '-std=c++17',
    '-O2',
    '-Wall',
    '-Wextra',
    '-Werror',
    '-fvisibility=hidden',
    '-fno-exceptions',
    '-DNAPI_VERSION=8',
    '-DBUILDING_NODE_EXTENSION',
    `-DNODE_GYP_MODULE_NAME=${NAME}`,
    // Other people's headers: their warnings are not ours to fix.
    `-isystem${headers.include_dir}`,
    ...(os === 'win32' ? ['-D_WIN32_WINNT=0x0A00'] : ['-fPIC', '-pthread']),
  ];
}

/** The names of Node-API's functions. */
export function nodeApiNames() {
  const names = new Set();
  for (const f of Object.values(headers.def_paths))
    for (const line of readFileSync(f, 'utf8').split(/\r?\n/))
      if (/^\w+$/.test(line) && line !== 'EXPORTS') names.add(line);
  return [...names];
}

/** Compiles with `compiler` (a command and its first arguments) into `folder`, what is not fresh, and gives the objects. */
export async function compileAll({ compiler, flags, sources, folder, environment, isQuiet }) {
  mkdirSync(folder, { recursive: true });
  const order = [...compiler, ...flags].join('\n');
  const stamp = join(folder, 'flags.txt');
  const isSameCompiler = existsSync(stamp) && readFileSync(stamp, 'utf8') === order;
  const newest = (files) => Math.max(...files.map((f) => statSync(f).mtimeMs));
  // A header counts for all objects.
  const shared = newest([
    fileURLToPath(import.meta.url),
    ...readdirSync(join(root, 'native'), { recursive: true })
      .filter((f) => /\.(h|def)$/.test(f))
      .map((f) => join(root, 'native', f)),
  ]);
  const jobs = sources.map((f) => {
    const source = join('native', f);
    const object = join(folder, `${f.replaceAll(/[\\/]/g, '-')}.o`);
    const isFresh =
      isSameCompiler &&
      existsSync(object) &&
      statSync(object).mtimeMs > Math.max(shared, statSync(join(root, source)).mtimeMs);
    return { source, object, isFresh };
  });
  const queue = jobs.filter((job) => !job.isFresh);
  const [command, ...first] = compiler;
  const compileNext = async () => {
    for (let job = queue.shift(); job; job = queue.shift()) {
      const args = [...first, ...flags, '-c', job.source, '-o', relative(root, job.object)];
      await start(command, args, { environment, isQuiet });
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, availableParallelism()) }, compileNext));
  writeFileSync(stamp, order);
  return jobs.map((job) => relative(root, job.object));
}

/** Runs a program in the package's folder; where it fails, so does this. `isQuiet`: its words only then. */
export function start(command, args, { environment = process.env, isQuiet = false } = {}) {
  return new Promise((resolve, reject) => {
    const stdio = ['ignore', 'inherit', isQuiet ? 'pipe' : 'inherit'];
    const child = spawn(command, args, { cwd: root, stdio, env: environment });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    child.on('error', reject); // e.g. no compiler: never exit silently
    child.on('close', (code) => {
      if (code === 0) return resolve();
      process.stderr.write(said);
      process.exit(code ?? 1);
    });
  });
}
