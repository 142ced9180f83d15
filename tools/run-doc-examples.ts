/**
 * Type-checks and runs every program that a README or a page of the docs shows, against the built packages.
 *
 * Each program gets a folder of its own in `.cache/`, inside the repository so that its imports resolve as a user's
 * would, and a Node process of its own. It must end by itself with exit code 0, and print what the page says it
 * prints. In expected output `…` stands for any text within a line: a port, a duration.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { type DocProgram, type ProgramFile, readPrograms } from './doc-fences.js';
import { listPages, shown } from './workspace.js';

/** Long enough for a program that starts threads on a busy machine, short enough to name one that never ends. */
const DEFAULT_TIMEOUT_MS = 30_000;

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

/** Checks all pages below `root`; an empty list means that every program does what its page says. */
export async function runDocExamples(root: string, options: DocOptions = {}): Promise<string[]> {
  const cache = join(root, '.cache', 'doc-examples');
  rmSync(cache, { recursive: true, force: true });
  const placed = listPages(root).flatMap((page) => place(root, cache, page));
  const problems = placed.flatMap(checkReason);
  const wrongTypes = typeCheck(root, placed);
  problems.push(...wrongTypes.values());
  for (const one of placed) {
    if (one.program.notRun !== undefined || wrongTypes.has(one)) continue;
    const problem = await check(one, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

function place(root: string, cache: string, page: string): PlacedProgram[] {
  const name = shown(root, page);
  return readPrograms(readFileSync(page, 'utf8')).map((program, index) => {
    const dir = join(cache, name.replaceAll(/[/.]/g, '-'), String(index + 1));
    for (const file of program.files) {
      mkdirSync(dirname(join(dir, file.name)), { recursive: true });
      writeFileSync(join(dir, file.name), file.code);
    }
    return { program, page: name, where: `${name}:${program.files[0]?.line}`, dir };
  });
}

function checkReason({ program, where }: PlacedProgram): string[] {
  if (program.notRun !== '') return [];
  return [
    `${where}: \`ts no-run\` without a reason: say why behind it, or in the first line as a comment`,
  ];
}

/** One compiler run for all programs: the standard library is read once. Gives the faulty ones and their messages. */
function typeCheck(root: string, placed: readonly PlacedProgram[]): Map<PlacedProgram, string> {
  const owners = new Map<string, { one: PlacedProgram; file: ProgramFile }>();
  for (const one of placed) {
    for (const file of one.program.files) owners.set(join(one.dir, file.name), { one, file });
  }
  const program = ts.createProgram([...owners.keys()], { ...baseOptions(root), noEmit: true });
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

async function check(one: PlacedProgram, timeoutMs: number): Promise<string | undefined> {
  for (const file of one.program.files) {
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
  const { stdout, stderr, end } = await runNode(one.dir, main, timeoutMs);
  if (end !== undefined) return `${one.where}: ${end}\n${indent(stdout + stderr)}`;
  const { expected } = one.program;
  if (expected === undefined || isAsExpected(expected, stdout)) return undefined;
  return `${one.where}: prints\n${indent(stdout)}\n  but the page shows\n${indent(expected)}`;
}

/** Whether every line fits; blanks at line ends and empty lines at the end do not count. */
export function isAsExpected(expected: string, actual: string): boolean {
  const [want, got] = [expected, actual].map((text) => text.trimEnd().split('\n'));
  if (want === undefined || got === undefined || want.length !== got.length) return false;
  return want.every((line, index) => {
    const parts = line.trimEnd().split('…');
    const pattern = parts.map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*');
    return new RegExp(`^${pattern}$`).test(got[index]?.trimEnd() ?? '');
  });
}

interface Ended {
  readonly stdout: string;
  readonly stderr: string;
  /** How it ended, when not with 0. */
  readonly end: string | undefined;
}

function runNode(cwd: string, main: string, timeoutMs: number): Promise<Ended> {
  return new Promise((settle, reject) => {
    const env = { ...process.env, NO_COLOR: '1' };
    const child = spawn(process.execPath, ['--enable-source-maps', main], { cwd, env });
    child.stdin.end();
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, timeoutMs);
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const how = code === null ? `ended by ${signal}` : `ended with exit code ${code}`;
      const end = isLate ? `did not end within ${timeoutMs} ms` : code === 0 ? undefined : how;
      settle({ stdout, stderr, end });
    });
  });
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n');
}
