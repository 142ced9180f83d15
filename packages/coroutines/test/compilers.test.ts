/** The detection of the switch of threads, on what the installed compilers really make of a TypeScript source. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

interface Esbuild {
  transformSync(source: string, options: object): { code: string };
}
const require = createRequire(import.meta.url);
const tsup = createRequire(realpathSync(require.resolve('tsup/package.json')));
// SAFETY: esbuild comes with tsup, and this is the one function used of it.
const esbuild = tsup('esbuild') as Esbuild;
// SAFETY: the package is what its types say.
const typescript = require('typescript') as typeof import('typescript');

const library = import.meta.resolve('@netloom/coroutines');

const SOURCE = `
import { coroutine, resumeBackground, resumeAfter } from '${library}';
import * as netloom from '${library}';
interface Handle extends Disposable { readonly id?: { n: number } }
declare function open(n?: number): Handle & AsyncDisposable;
const at = import.meta.url;

export const plain = coroutine(at, 'plain', function* (n: number) {
  // comes first
  yield* resumeBackground();
  return n;
});
export const using_ = coroutine(at, 'using_', function* (n: { a: number } = { a: /[)]/.test(')') ? 1 : 2 }) {
  yield* resumeBackground();
  using handle = open(n?.a);
  help();
  function help() {}
  return handle.id?.n ?? 0;
});
export const directive = coroutine(at, 'directive', function* () {
  'use strict';
  yield* resumeBackground();
  using handle = open();
  return handle.id;
});
export const asyncUsing = coroutine(at, 'asyncUsing', async (n: number) => {
  await netloom.resumeBackground();
  await using handle = open(n);
  using other = open(n);
  return [handle, other];
});
export const declared = coroutine(at, 'declared', function* (this: void, text: string) {
  const here = yield* resumeBackground();
  return [here, text ||= 'none'];
});
export const notFirst = coroutine(at, 'notFirst', function* () {
  using handle = open();
  yield* resumeBackground();
  return handle;
});
export const ownTry = coroutine(at, 'ownTry', function* () {
  try { yield* resumeAfter(1); yield* resumeBackground(); } finally { open(); }
});
`;

const { ModuleKind, ScriptTarget } = typescript;

/** Every way in which the source is compiled. */
const BUILDS: Record<string, () => string> = {
  'TypeScript, ES2022': () => compile({ target: ScriptTarget.ES2022, module: ModuleKind.ESNext }),
  'TypeScript, ES2018': () => compile({ target: ScriptTarget.ES2018, module: ModuleKind.ESNext }),
  esbuild: () => build({ target: 'node20' }),
  'esbuild, es2020': () => build({ target: 'es2020' }),
  'esbuild, minified syntax': () => build({ target: 'node20', minifySyntax: true }),
  'esbuild, minified whitespace': () => build({ target: 'node20', minifyWhitespace: true }),
  'esbuild, minified but for names': () =>
    build({ target: 'node20', minifySyntax: true, minifyWhitespace: true }),
  'esbuild, names kept': () => build({ target: 'node20', keepNames: true }),
};

function compile(compilerOptions: import('typescript').CompilerOptions): string {
  return typescript.transpileModule(SOURCE, { compilerOptions }).outputText;
}

function build(options: object): string {
  return esbuild.transformSync(SOURCE, { loader: 'ts', format: 'esm', ...options }).code;
}

let folder = '';
/** Which exports of which build start in the background, as a plain Node process sees it. */
let seen: Record<string, Record<string, boolean>> = {};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'netloom-compilers-'));
  const names = Object.keys(BUILDS);
  for (const [at, name] of names.entries()) {
    writeFileSync(join(folder, `${at}.mjs`), BUILDS[name]?.() ?? '');
  }
  const ask = `
    const seen = {};
    for (const [at, name] of ${JSON.stringify(names)}.entries()) {
      const exports = await import('./' + at + '.mjs');
      seen[name] = {};
      for (const key of Object.keys(exports)) seen[name][key] = exports[key].startsInBackground;
    }
    console.log(JSON.stringify(seen));
  `;
  writeFileSync(join(folder, 'ask.mjs'), ask);
  seen = JSON.parse(
    execFileSync(process.execPath, [join(folder, 'ask.mjs')], { encoding: 'utf8' }),
  );
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const [name, make] of Object.entries(BUILDS)) {
  it(`the switch is found where it comes first, and only there: ${name}`, () => {
    expect(seen[name]).toEqual({
      plain: true,
      using_: true,
      directive: true,
      asyncUsing: true,
      declared: true,
      notFirst: false,
      ownTry: false,
    });
  });

  it(`this build lowers using, so that the detection has something to see through: ${name}`, () => {
    expect(make()).not.toMatch(/\busing\s+handle/);
  });
}

it('a build that also mangles names hides the switch: such a build says { start: "background" }', () => {
  const bundle = build({ target: 'node20', minify: true });
  expect(bundle).toContain('resumeBackground as ');
});
