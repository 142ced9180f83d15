/**
 * Holds the arrows between rooms: who may import whom, by name only, and only what the manifest declares.
 *
 * The table below is the whole rule. Tests of a room obey the same arrows as the room; what two rooms that may not
 * meet do together is tested above both.
 */
import { isBuiltin } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import ts from 'typescript';
import { type ImportedName, parse, readImports } from './imports.js';
import { isPublished, listFiles, listPackages, type Package, shown } from './workspace.js';

const SCOPE = '@netloom/';

const FLOOR_0 = ['sockaddr', 'threadpool', 'coroutines'];
const BELOW_FLOOR_3 = [...FLOOR_0, 'winsock-native', 'connection'];
const BELOW_FLOOR_4 = [...BELOW_FLOOR_3, 'server', 'client'];

/** Who may import whom. Down, never sideways, never up. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  sockaddr: [],
  threadpool: [],
  coroutines: [],
  'winsock-native': ['sockaddr'],
  connection: ['sockaddr', 'coroutines', 'winsock-native'],
  server: BELOW_FLOOR_3,
  client: BELOW_FLOOR_3.filter((room) => room !== 'threadpool'),
  demo: BELOW_FLOOR_4,
  examples: BELOW_FLOOR_4,
};

/** Rooms whose source runs where there is no Node: a browser has no `node:` modules. */
const WITHOUT_NODE = new Set(['sockaddr']);

/** Folders outside every room that a file may name by path. Tests read the tables that no package ships. */
const SHARED_FOLDERS = { source: [], test: ['vectors'], config: ['tools'] } as const;
/** The demo shows the programs and pages of the repository. */
const DEMO_FOLDERS = ['examples', 'docs'];

/** Folders of the repository's own: they use the rooms as anybody would, by name. */
const OWN_FOLDERS = ['tools', 'bench', 'docs'];

type Role = 'source' | 'test' | 'config';

interface SourceFile {
  readonly path: string;
  readonly role: Role;
}

/** Checks every room below `root`; an empty list means that the arrows hold. */
export function checkRooms(root: string): string[] {
  const packages = listPackages(root);
  const problems: string[] = [];
  for (const one of packages) {
    problems.push(...checkManifest(root, one));
    for (const file of sourceFiles(one)) {
      for (const imported of readImports(file.path)) {
        const fault = faultInRoom(root, one, packages, file, imported);
        if (fault !== undefined) problems.push(arrow(root, file.path, imported, fault));
      }
    }
    problems.push(...checkShape(root, one), ...checkBuilt(root, one));
  }
  for (const folder of OWN_FOLDERS) {
    for (const path of listFiles(join(root, folder), isCode)) {
      for (const imported of readImports(path)) {
        const fault = faultOutside(root, packages, path, imported);
        if (fault !== undefined) problems.push(arrow(root, path, imported, fault));
      }
    }
  }
  return problems;
}

function checkManifest(root: string, one: Package): string[] {
  const where = shown(root, join(one.dir, 'package.json'));
  const allowed = MAY_IMPORT[one.room];
  if (allowed === undefined) {
    return [
      `${where}: room ${one.room} has no row in tools/check-rooms.ts: add what it may import`,
    ];
  }
  const { dependencies, devDependencies, peerDependencies } = one.manifest;
  const declared = Object.keys({ ...dependencies, ...devDependencies, ...peerDependencies });
  return declared
    .filter((name) => name.startsWith(SCOPE) && !allowed.includes(name.slice(SCOPE.length)))
    .map((name) => `${where}: declares ${name}; ${rule(one.room)}`);
}

/** What is wrong with one import of a room's file, if anything. */
function faultInRoom(
  root: string,
  one: Package,
  packages: readonly Package[],
  file: SourceFile,
  { specifier, kind }: ImportedName,
): string | undefined {
  if (kind === 'url' || isRelative(specifier)) {
    return faultOfPath(root, one, packages, file, specifier);
  }
  if (isBuiltin(specifier)) {
    const isBarred = WITHOUT_NODE.has(one.room) && file.role === 'source';
    return isBarred ? `${one.room} runs in browsers too: no Node API` : undefined;
  }
  const name = packageName(specifier);
  if (name === one.manifest.name) {
    if (file.role === 'source') return 'inside a package import the file, not the package';
    return faultOfEntry(one, specifier);
  }
  const target = packages.find((other) => other.manifest.name === name);
  if (name.startsWith(SCOPE)) {
    if (target === undefined) return 'there is no such room';
    if (!isPublished(target)) return 'nothing imports an app';
    if (MAY_IMPORT[one.room]?.includes(target.room) !== true) return rule(one.room);
    const fault = faultOfEntry(target, specifier);
    if (fault !== undefined) return fault;
  }
  return faultOfDeclaration(root, one, packages, file, name);
}

function faultOfPath(
  root: string,
  one: Package,
  packages: readonly Package[],
  file: SourceFile,
  specifier: string,
): string | undefined {
  const target = resolve(dirname(file.path), specifier);
  if (isBelow(one.dir, target)) return undefined;
  const folders: string[] = [...SHARED_FOLDERS[file.role]];
  if (one.room === 'demo') folders.push(...DEMO_FOLDERS);
  if (folders.some((folder) => isBelow(join(root, folder), target))) return undefined;
  const owner = packages.find((other) => isBelow(other.dir, target));
  if (owner !== undefined) {
    return isPublished(owner)
      ? `reaches into room ${owner.room}: across packages import ${owner.manifest.name}`
      : 'nothing imports an app';
  }
  return `leaves its room; a ${file.role} file may name ${folders.join(', ') || 'nothing'} outside`;
}

function faultOfDeclaration(
  root: string,
  one: Package,
  packages: readonly Package[],
  file: SourceFile,
  name: string,
): string | undefined {
  const { dependencies, devDependencies, peerDependencies } = one.manifest;
  if (name in { ...dependencies, ...peerDependencies }) return undefined;
  if (file.role !== 'source') {
    // The workspace's own tools (vitest, fast-check) are declared once, at the root; rooms are not.
    const isTool = !packages.some((other) => other.manifest.name === name);
    if (name in { ...devDependencies } || (isTool && name in rootTools(root))) return undefined;
  }
  return `${name} is not declared in ${shown(root, join(one.dir, 'package.json'))}`;
}

function rootTools(root: string): Readonly<Record<string, string>> {
  const text = ts.sys.readFile(join(root, 'package.json')) ?? '{}';
  // SAFETY: npm's own format.
  const manifest = JSON.parse(text) as Package['manifest'];
  return { ...manifest.devDependencies };
}

/** `@netloom/x/y` must be a public entry of x. */
function faultOfEntry(target: Package, specifier: string): string | undefined {
  const entry = `.${specifier.slice(target.manifest.name.length)}`;
  if (/^\.\/src(\/|$)/.test(entry))
    return `imports another room's src/: use ${target.manifest.name}`;
  if (target.manifest.exports !== undefined && !(entry in target.manifest.exports)) {
    return `${target.manifest.name} has no entry ${entry}`;
  }
  return undefined;
}

function faultOutside(
  root: string,
  packages: readonly Package[],
  path: string,
  { specifier, kind }: ImportedName,
): string | undefined {
  if (kind === 'module' && !isRelative(specifier)) {
    const target = packages.find((one) => one.manifest.name === packageName(specifier));
    if (target === undefined) return undefined;
    return isPublished(target) ? faultOfEntry(target, specifier) : 'nothing imports an app';
  }
  const target = resolve(dirname(path), specifier);
  const owner = packages.find((one) => isBelow(one.dir, target));
  if (owner === undefined) return undefined;
  // A folder that starts the demo as a process, as a user would, names its built file.
  if (kind === 'url' && isBelow(join(owner.dir, 'dist'), target)) return undefined;
  return `reaches into ${shown(root, owner.dir)}: import ${owner.manifest.name}`;
}

/** The door of a package holds named re-exports and nothing else; nowhere is there a default export. */
function checkShape(root: string, one: Package): string[] {
  if (!isPublished(one)) return [];
  const problems: string[] = [];
  for (const path of listFiles(join(one.dir, 'src'), isCode)) {
    const source = parse(path);
    const isDoor = path === join(one.dir, 'src', 'index.ts');
    for (const statement of source.statements) {
      const fault = faultOfStatement(statement, isDoor);
      if (fault === undefined) continue;
      const { line } = source.getLineAndCharacterOfPosition(statement.getStart(source));
      problems.push(`${shown(root, path)}:${line + 1}: ${fault}`);
    }
  }
  return problems;
}

function faultOfStatement(statement: ts.Statement, isDoor: boolean): string | undefined {
  if (ts.isExportAssignment(statement) || hasModifier(statement, ts.SyntaxKind.DefaultKeyword)) {
    return 'default export: give it a name';
  }
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement;
    if (exportClause === undefined) return '`export *` hides what is public: name each one';
    if (ts.isNamespaceExport(exportClause)) return '`export * as`: name each one';
    const isDefault = exportClause.elements.some((element) => element.name.text === 'default');
    return isDefault ? 'default export: give it a name' : undefined;
  }
  return isDoor ? 'index.ts holds named re-exports and nothing else' : undefined;
}

function hasModifier(statement: ts.Statement, kind: ts.SyntaxKind): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some((modifier) => modifier.kind === kind) === true
  );
}

/** What ships must find its imports in a user's node_modules: declarations can name rooms that no source line does. */
function checkBuilt(root: string, one: Package): string[] {
  if (!isPublished(one)) return [];
  const shipped = listFiles(join(one.dir, 'dist'), (name) => /\.(js|d\.ts)$/.test(name));
  const problems: string[] = [];
  for (const path of shipped) {
    const file: SourceFile = { path, role: 'source' };
    for (const imported of readImports(path)) {
      const name = packageName(imported.specifier);
      if (imported.kind === 'url' || isRelative(imported.specifier)) continue;
      if (isBuiltin(imported.specifier) || name === one.manifest.name) continue;
      const fault = faultOfDeclaration(root, one, [], file, name);
      if (fault !== undefined) problems.push(arrow(root, path, imported, fault));
    }
  }
  return problems;
}

function sourceFiles(one: Package): SourceFile[] {
  return listFiles(one.dir, isCode).map((path) => ({ path, role: roleOf(one, path) }));
}

function roleOf(one: Package, path: string): Role {
  const inside = shown(one.dir, path);
  if (/^[^/]+\.config\.[cm]?ts$/.test(inside)) return 'config';
  if (/^(test|bench)\//.test(inside) || /\.(test|bench)\.[cm]?[jt]s$/.test(inside)) return 'test';
  // Lanes that build and run what ships; no package contains them.
  return /^binaries\//.test(inside) ? 'config' : 'source';
}

function isCode(name: string): boolean {
  return /\.[cm]?[jt]s$/.test(name);
}

function isRelative(specifier: string): boolean {
  return /^\.{1,2}(\/|$)/.test(specifier);
}

function isBelow(folder: string, path: string): boolean {
  return path === folder || !/^(\.\.($|\/)|\/|[A-Za-z]:)/.test(shown(folder, path));
}

function packageName(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function rule(room: string): string {
  return `${room} may import ${MAY_IMPORT[room]?.join(', ') || 'no room'}`;
}

function arrow(root: string, path: string, imported: ImportedName, fault: string): string {
  return `${shown(root, path)}:${imported.line} -> ${imported.specifier}: ${fault}`;
}
