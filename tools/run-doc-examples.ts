/**
 * Runs what the documentation shows, against the built packages: the fences of every Markdown page and of every
 * docstring of the packages. What each kind of fence means stands in doc-fences.ts.
 *
 * Each program gets a folder of its own in `.cache/`, inside the repository so that its imports resolve as a user's
 * would, and a Node process of its own. It must end by itself with exit code 0, and print what the page says it
 * prints. In expected output `…` stands for any text within a line (a port, a duration), and alone in a line for any
 * lines.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { type DocCommands, type DocProgram, type ProgramFile, readPage } from './doc-fences.js';
import { checkSnippet } from './doc-snippets.js';
import { docstringsAsPage, examplesWithoutFence } from './docstrings.js';
import { run } from './run-process.js';
import { shellEnvironment } from './shell-environment.js';
import { listFiles, listPackages, listPages, shown } from './workspace.js';

/** Long enough for a program that starts threads on a busy machine, short enough to name one that never ends. */
const DEFAULT_TIMEOUT_MS = 30_000;
/** In expected output: any text within a line; alone in its line any number of lines. */
const ANYTHING = '…';
/** Commands of the repository look first whether something has to be built. */
const COMMANDS_TIMEOUT_FACTOR = 4;

export interface DocOptions {
  readonly timeoutMs?: number;
}

interface PlacedProgram {
  readonly program: DocProgram;
  /** `README.md:12`, as it is printed. */
  readonly where: string;
  readonly page: string;
  readonly dir: string;
}

/** A page, or the docstrings of a file as one. */
interface Source {
  /** From the root. */
  readonly name: string;
  readonly markdown: string;
  readonly problems: readonly string[];
}

/** Checks everything below `root`; an empty list means that all does what its page says. */
export async function runDocExamples(root: string, options: DocOptions = {}): Promise<string[]> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const cache = join(root, '.cache', 'doc-examples');
  rmSync(cache, { recursive: true, force: true });
  const sources = [...readPages(root), ...readDocstrings(root)];
  const pages = sources.map((source) => ({ source, page: readPage(source.markdown) }));

  const problems = pages.flatMap(({ source: { name, problems }, page }) => [
    ...problems,
    ...page.faults.map(({ line, fault }) => `${name}:${line}: ${fault}`),
  ]);
  const placed = pages.flatMap(({ source, page }) => place(cache, source.name, page.programs));
  const wrongTypes = typeCheck(root, placed);
  problems.push(...wrongTypes.values());
  for (const one of placed) {
    if (one.program.notRun !== undefined || wrongTypes.has(one)) continue;
    const problem = await checkProgram(one, timeoutMs);
    if (problem !== undefined) problems.push(problem);
  }
  for (const { source, page } of pages) {
    for (const snippet of page.snippets) {
      const fault = await checkSnippet(snippet, { cwd: root, timeoutMs });
      if (fault !== undefined) problems.push(`${source.name}:${snippet.line}: ${fault}`);
    }
    for (const commands of page.commands) {
      const problem = await checkCommands(root, cache, source.name, commands, timeoutMs);
      if (problem !== undefined) problems.push(problem);
    }
  }
  return problems;
}

function readPages(root: string): Source[] {
  return listPages(root).map((page) => {
    return { name: shown(root, page), markdown: readFileSync(page, 'utf8'), problems: [] };
  });
}

function readDocstrings(root: string): Source[] {
  const isSource = (name: string) => name.endsWith('.ts') && !name.endsWith('.test.ts');
  const files = listPackages(root)
    .filter(({ dir }) => dirname(dir) === join(root, 'packages'))
    .flatMap(({ dir }) => listFiles(join(dir, 'src'), isSource));
  return files.map((file) => {
    const text = readFileSync(file, 'utf8');
    const name = shown(root, file);
    const problems = examplesWithoutFence(text).map(
      (line) => `${name}:${line}: @example without a fence directly below, so that nothing runs it`,
    );
    return { name, markdown: docstringsAsPage(text), problems };
  });
}

function place(cache: string, name: string, programs: readonly DocProgram[]): PlacedProgram[] {
  return programs.map((program, index) => {
    const dir = join(cache, name.replaceAll(/[/.]/g, '-'), String(index + 1));
    for (const file of program.files) {
      mkdirSync(dirname(join(dir, file.name)), { recursive: true });
      writeFileSync(join(dir, file.name), file.code);
    }
    return { program, page: name, where: `${name}:${program.files[0]?.line}`, dir };
  });
}

/** One compiler run for all programs: the standard library is read once. Gives the faulty ones and their messages. */
function typeCheck(root: string, placed: readonly PlacedProgram[]): Map<PlacedProgram, string> {
  const owners = new Map<string, { one: PlacedProgram; file: ProgramFile }>();
  for (const one of placed) {
    for (const file of one.program.files) {
      if (file.name.endsWith('.ts')) owners.set(join(one.dir, file.name), { one, file });
    }
  }
  const program = ts.createProgram([...owners.keys()], {
    ...baseOptions(root),
    // A program in JavaScript may stand beside one in TypeScript; its own types are nobody's promise.
    allowJs: true,
    noEmit: true,
  });
  const faults = new Map<PlacedProgram, string>();
  for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
    const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n      ');
    const owner = owners.get(diagnostic.file?.fileName ?? '');
    const source = diagnostic.file;
    if (owner === undefined || source === undefined) throw new Error(`compiler options: ${text}`);
    const { line } = source.getLineAndCharacterOfPosition(diagnostic.start ?? 0);
    const message = `${owner.one.page}:${owner.file.line + line}: TS${diagnostic.code}: ${text}`;
    const before = faults.get(owner.one);
    faults.set(owner.one, before === undefined ? message : `${before}\n${message}`);
  }
  return faults;
}

function baseOptions(root: string): ts.CompilerOptions {
  const path = join(root, 'tsconfig.base.json');
  const { config } = ts.readConfigFile(path, ts.sys.readFile);
  return ts.convertCompilerOptionsFromJson(config?.compilerOptions ?? {}, root, path).options;
}

async function checkProgram(one: PlacedProgram, timeoutMs: number): Promise<string | undefined> {
  for (const file of one.program.files) {
    if (!file.name.endsWith('.ts')) continue;
    const { outputText } = ts.transpileModule(file.code, {
      compilerOptions: {
        target: ts.ScriptTarget.ES2022, // lowers `using`, which Node 20 does not know
        module: ts.ModuleKind.ESNext,
        verbatimModuleSyntax: true,
      },
    });
    writeFileSync(join(one.dir, file.name.replace(/\.ts$/, '.js')), outputText);
  }
  const main = one.program.files.at(-1)?.name.replace(/\.ts$/, '.js') ?? '';
  const args = ['--enable-source-maps', main];
  const { stdout, stderr, end } = await run(process.execPath, args, { cwd: one.dir, timeoutMs });
  if (end !== undefined) return `${one.where}: ${end}\n${indent(stdout + stderr)}`;
  return compare(one.where, one.program.expected, stdout);
}

async function checkCommands(
  root: string,
  cache: string,
  page: string,
  { code, line, expected }: DocCommands,
  timeoutMs: number,
): Promise<string | undefined> {
  const { stdout, stderr, end } = await run('sh', ['-eu', '-c', code], {
    cwd: root,
    timeoutMs: timeoutMs * COMMANDS_TIMEOUT_FACTOR,
    env: shellEnvironment(join(cache, 'bin')),
  });
  const where = `${page}:${line}`;
  if (end !== undefined) return `${where}: ${end}\n${indent(stdout + stderr)}`;
  // What turbo says before the command itself differs from run to run, and is not what the page is about.
  return compare(where, expected === undefined ? undefined : `${ANYTHING}\n${expected}`, stdout);
}

function compare(where: string, expected: string | undefined, stdout: string): string | undefined {
  if (expected === undefined || isAsExpected(expected, stdout)) return undefined;
  return `${where}: prints\n${indent(stdout)}\n  but the page shows\n${indent(expected)}`;
}

/** Whether every line fits; blanks at line ends and empty lines at the end do not count. */
export function isAsExpected(expected: string, actual: string): boolean {
  const [want, got] = [expected, actual].map((text) => text.trimEnd().split('\n'));
  if (want === undefined || got === undefined) return false;
  const patterns = want.map((line) => {
    if (line.trim() === ANYTHING) return '(.*\\n)*';
    const parts = line.trimEnd().split(ANYTHING);
    const literal = parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
    return `${literal.join('.*')}\\n`;
  });
  const text = got.map((line) => `${line.trimEnd()}\n`).join('');
  return new RegExp(`^${patterns.join('')}$`).test(text);
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
