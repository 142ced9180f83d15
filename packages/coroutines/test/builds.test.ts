/** The switch of threads in what compilers and bundlers make of a program, each run as a plain Node process. */
import { execFile } from 'node:child_process';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

interface Esbuild {
  buildSync(options: object): unknown;
}
const require = createRequire(import.meta.url);
const tsup = createRequire(realpathSync(require.resolve('tsup/package.json')));
// SAFETY: esbuild comes with tsup, and this is the one function used of it.
const esbuild = tsup('esbuild') as Esbuild;
// SAFETY: the package is what its types say.
const typescript = require('typescript') as typeof import('typescript');

const library = new URL(import.meta.resolve('@netloom/coroutines')).pathname;
const fixtures = new URL('./fixtures/', import.meta.url).pathname;

/** The coroutine, in a module of its own; `OPTIONS` is what a minified build has to say. */
const WORK = `
import { threadId } from 'node:worker_threads';
import { CoroutineTask, coroutine, resumeBackground, resumeAfter } from '${library}';

/** What a bundle needs that renames or merges the library: a task at a place of its own. */
export class OwnTask extends CoroutineTask {
  static override readonly module = import.meta.url;
  static override readonly exportName = 'OwnTask';
}

export const work = coroutine(import.meta.url, 'work', /*OPTIONS*/ function* (n: number) {
  // The switch comes first.
  yield* resumeBackground();
  const log: string[] = [];
  {
    using inner = { [Symbol.dispose]: () => void log.push('closed') };
    yield* resumeAfter(1);
    log.push(typeof inner);
  }
  using _ = { [Symbol.dispose]: () => {} };
  return { doubled: n * 2, threadId, log };
});
`;

const MAIN = `
import { threadId } from 'node:worker_threads';
import { CoroutineTask, setBgEntry } from '${library}';
import { Executor } from './executor.mjs';
import { OwnTask, work } from './work.js';

const Task = process.argv[2] === 'own' ? OwnTask : CoroutineTask;
const executor = new Executor();
setBgEntry((resumption) => executor.addTask(new Task(resumption)));
const seen: Record<string, unknown> = { here: threadId, there: executor.threadId };
try {
  seen.result = await work(21);
} catch (error) {
  seen.error = String(error);
}
console.log(JSON.stringify(seen));
await executor.close();
`;

interface Seen {
  readonly here: number;
  readonly there: number;
  readonly result?: { doubled: number; threadId: number; log: string[] };
  readonly error?: string;
}

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netloom-builds-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Writes the program's sources into a folder of their own. */
function sources(name: string, options: string): string {
  const at = join(folder, name, 'src');
  mkdirSync(at, { recursive: true });
  writeFileSync(join(folder, name, 'package.json'), '{ "type": "module" }');
  writeFileSync(join(at, 'main.ts'), MAIN);
  writeFileSync(join(at, 'work.ts'), WORK.replace('/*OPTIONS*/', options));
  for (const file of ['executor.mjs', 'executor-worker.mjs']) {
    writeFileSync(join(at, file), readFileSync(join(fixtures, file)));
  }
  return at;
}

const FOR_NODE = {
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'silent',
};

/** Bundles with shared chunks: modules move, and their exports keep their names. */
function bundle(name: string, options: string): string {
  const at = sources(name, options);
  const out = join(folder, name, 'out');
  esbuild.buildSync({
    ...FOR_NODE,
    entryPoints: ['main.ts', 'work.ts', 'executor-worker.mjs'].map((file) => join(at, file)),
    splitting: true,
    outdir: out,
    // The worker is started by its file's name.
    outExtension: { '.js': '.mjs' },
  });
  return join(out, 'main.mjs');
}

/** Minifies. The module with the coroutine is an entry that the others leave alone, so that its exports keep their names. */
function minify(name: string, options: string): string {
  const at = sources(name, options);
  const out = join(folder, name, 'out');
  esbuild.buildSync({
    ...FOR_NODE,
    entryPoints: [join(at, 'main.ts'), join(at, 'work.ts')],
    external: ['./work.js'],
    minify: true,
    outdir: out,
  });
  for (const file of ['executor.mjs', 'executor-worker.mjs']) {
    copyFileSync(join(at, file), join(out, file));
  }
  return join(out, 'main.js');
}

async function run(main: string, ...args: string[]): Promise<Seen> {
  const { stdout } = await promisify(execFile)(process.execPath, [main, ...args], {
    timeout: 20_000,
  });
  return JSON.parse(stdout);
}

function expectSwitched(seen: Seen): void {
  expect(seen.error).toBe(undefined);
  expect(seen.there).not.toBe(seen.here);
  expect(seen.result).toEqual({ doubled: 42, threadId: seen.there, log: ['object', 'closed'] });
}

it('works in TypeScript’s output, with using in the body', async () => {
  const at = sources('typescript', '');
  const { ModuleKind, ScriptTarget } = typescript;
  for (const file of ['main', 'work']) {
    const { outputText } = typescript.transpileModule(
      readFileSync(join(at, `${file}.ts`), 'utf8'),
      {
        compilerOptions: { target: ScriptTarget.ES2022, module: ModuleKind.ESNext },
      },
    );
    expect(outputText).not.toMatch(/\busing (inner|_)/);
    writeFileSync(join(at, `${file}.js`), outputText);
  }
  expectSwitched(await run(join(at, 'main.js')));
});

it('works in a bundle of esbuild, the library bundled in', async () => {
  const main = bundle('bundled', '');
  expect(readdirSync(join(main, '..')).some((file) => file.startsWith('chunk-'))).toBe(true);
  expectSwitched(await run(main));
});

it('works in a minified bundle that says { start: "background" } and has a task of its own', async () => {
  const main = minify('minified', "{ start: 'background' },");
  expectSwitched(await run(main, 'own'));
});

it('in a minified bundle that does not say so the switch is refused where it is reached', async () => {
  const seen = await run(minify('silent', ''), 'own');
  expect(seen.result).toBe(undefined);
  expect(seen.error).toContain('ERR_HOP_NOT_FIRST');
  expect(seen.error).toContain("{ start: 'background' }");
});
