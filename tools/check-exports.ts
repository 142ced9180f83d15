/**
 * Pins the public names of each package in `packages/<room>/exports.txt`: a new one is a decision, not a slip.
 *
 * Read are the built declarations, through the compiler, for every entry in the manifest's `exports`; then the built
 * module itself is loaded, and must have exactly the values that its declarations promise.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { isPublished, listPackages, type Package, shown } from './workspace.js';

const PIN_FILE = 'exports.txt';

/** The roll-up of declarations forgets `export type` of a class, and a user's `instanceof` would then fail. */
const ONLY_DECLARED =
  'is a value in the declarations only: export the class itself, or an interface';

export interface ExportsOptions {
  /** Writes what is there instead of comparing. */
  readonly isUpdate?: boolean;
}

interface PublicName {
  readonly name: string;
  /** `class`, `function`, `const`, `interface`, `type`; two where a constant and a type share a name. */
  readonly kind: string;
  readonly isValue: boolean;
}

/** Checks, or with `isUpdate` rewrites, the pins of all published packages. */
export async function checkExports(root: string, options: ExportsOptions = {}): Promise<string[]> {
  const problems: string[] = [];
  for (const one of listPackages(root).filter(isPublished)) {
    const lines: string[] = [];
    for (const { entry, types, module } of entriesOf(one)) {
      if (!existsSync(types)) {
        problems.push(`${shown(root, types)}: not there; run \`pnpm build\` first`);
        continue;
      }
      const names = publicNames(types);
      problems.push(...(await differsFromModule(root, module, names)));
      lines.push(entry, ...names.map(({ kind, name }) => `  ${kind} ${name}`));
    }
    problems.push(...comparePin(root, one, lines, options.isUpdate === true));
  }
  return problems;
}

interface Entry {
  readonly entry: string;
  readonly types: string;
  readonly module: string;
}

function entriesOf(one: Package): Entry[] {
  const found: Entry[] = [];
  for (const [entry, target] of Object.entries(one.manifest.exports ?? {})) {
    if (typeof target === 'string' || target.types === undefined) continue;
    const module = target.default ?? target.types.replace(/\.d\.ts$/, '.js');
    found.push({ entry, types: join(one.dir, target.types), module: join(one.dir, module) });
  }
  return found;
}

function publicNames(types: string): PublicName[] {
  const program = ts.createProgram([types], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    skipLibCheck: true,
    // Only names and kinds are asked for.
    types: [],
    noLib: true,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(types);
  const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source);
  // A file without exports (`export {}`) is a module all the same; one without even that has no symbol.
  if (symbol === undefined) return [];
  return checker
    .getExportsOfModule(symbol)
    .map((exported) => describe(checker, exported))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function describe(checker: ts.TypeChecker, exported: ts.Symbol): PublicName {
  const isTypeOnly = exported.declarations?.some(ts.isTypeOnlyExportDeclaration) === true;
  const isAlias = (exported.flags & ts.SymbolFlags.Alias) !== 0;
  const target = isAlias ? checker.getAliasedSymbol(exported) : exported;
  const kinds = KINDS.filter(([flag]) => (target.flags & flag) !== 0).map(([, word]) => word);
  const isValue = (target.flags & ts.SymbolFlags.Value) !== 0;
  const kind = kinds.join('+') || 'unknown';
  // `export type` says something only of what would be a value without it.
  const prefix = isTypeOnly && isValue ? 'type-only ' : '';
  return { name: exported.name, kind: prefix + kind, isValue: isValue && !isTypeOnly };
}

const KINDS: readonly (readonly [ts.SymbolFlags, string])[] = [
  [ts.SymbolFlags.Class, 'class'],
  [ts.SymbolFlags.Function, 'function'],
  [ts.SymbolFlags.Variable, 'const'],
  [ts.SymbolFlags.Enum, 'enum'],
  [ts.SymbolFlags.Namespace, 'namespace'],
  [ts.SymbolFlags.Interface, 'interface'],
  [ts.SymbolFlags.TypeAlias, 'type'],
];

async function differsFromModule(
  root: string,
  module: string,
  names: readonly PublicName[],
): Promise<string[]> {
  const where = shown(root, module);
  let loaded: object;
  try {
    loaded = (await import(pathToFileURL(module).href)) as object;
  } catch (error) {
    return [`${where}: does not load: ${error instanceof Error ? error.message : String(error)}`];
  }
  const promised = new Set(names.filter(({ isValue }) => isValue).map(({ name }) => name));
  const there = new Set(Object.keys(loaded));
  return [
    ...[...promised].filter((name) => !there.has(name)).map((name) => `${name} ${ONLY_DECLARED}`),
    ...[...there].filter((name) => !promised.has(name)).map((name) => `${name} is not declared`),
  ].map((fault) => `${where}: ${fault}`);
}

function comparePin(root: string, one: Package, lines: string[], isUpdate: boolean): string[] {
  const pin = join(one.dir, PIN_FILE);
  const text = `${lines.join('\n')}\n`;
  if (isUpdate) {
    writeFileSync(pin, text);
    return [];
  }
  const pinned = existsSync(pin) ? readFileSync(pin, 'utf8') : '';
  if (pinned === text) return [];
  const difference = [
    ...missing(pinned.split('\n'), lines).map((line) => `- ${line}`),
    ...missing(lines, pinned.split('\n')).map((line) => `+ ${line}`),
  ];
  return [
    `${shown(root, pin)} differs from what ${one.manifest.name} exports:\n` +
      `${difference.map((line) => `    ${line}`).join('\n') || '    (order only)'}\n` +
      '    accept with: pnpm check exports --update',
  ];
}

function missing(from: readonly string[], than: readonly string[]): string[] {
  const others = new Set(than);
  return from.filter((line) => line.trim() !== '' && !others.has(line));
}
