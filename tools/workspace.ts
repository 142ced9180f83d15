/**
 * What the checks know of the repository: its packages, their manifests, and which files git keeps.
 *
 * Every function takes the root, so that a test can point it at a small tree with a planted fault.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, relative, sep } from 'node:path';

/** The fields of a package.json that the checks read. */
export interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, string | { types?: string; default?: string }>>;
  readonly files?: readonly string[];
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

export interface Package {
  /** The folder's own name: `sockaddr`, `demo`. */
  readonly room: string;
  /** Absolute. */
  readonly dir: string;
  readonly manifest: Manifest;
}

/** Folders that hold what was built, fetched or measured: no check reads them unless it says so. */
const GENERATED = new Set(['node_modules', 'dist', 'build', 'coverage', '.turbo', '.cache']);

/** The packages below `packages/` and `apps/`, and `examples`, each group in alphabetical order. */
export function listPackages(root: string): Package[] {
  const groups = ['packages', 'apps'].map((group) => join(root, group));
  const folders = groups.filter(existsSync).flatMap((group) =>
    readdirSync(group)
      .sort()
      .map((room) => join(group, room)),
  );
  return [...folders, join(root, 'examples')]
    .filter((dir) => existsSync(join(dir, 'package.json')))
    .map((dir) => ({ room: basename(dir), dir, manifest: readManifest(dir) }));
}

/** Whether a package is meant for the registry. */
export function isPublished(one: Package): boolean {
  return one.manifest.private !== true;
}

export function readManifest(dir: string): Manifest {
  // SAFETY: npm's own format; a field of another shape fails in the check that reads it, with the file's name.
  return JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as Manifest;
}

/** Files below `dir` whose name passes, absolute and sorted; generated folders are left out. */
export function listFiles(dir: string, passes: (name: string) => boolean): string[] {
  if (!existsSync(dir)) return [];
  const found: string[] = [];
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) {
      if (!GENERATED.has(entry.name)) found.push(...listFiles(path, passes));
    } else if (entry.isFile() && passes(entry.name)) {
      found.push(path);
    }
  }
  return found.sort();
}

/** Every Markdown page of the repository, absolute and sorted. */
export function listPages(root: string): string[] {
  const isPage = (name: string) => name.endsWith('.md');
  return readdirSync(root, { withFileTypes: true })
    .flatMap((entry) => {
      const path = join(root, entry.name);
      if (entry.isFile()) return isPage(entry.name) ? [path] : [];
      // Hidden folders are git's, tools' and engines'; but changesets become changelogs.
      const isRead = !entry.name.startsWith('.') || entry.name === '.changeset';
      return entry.isDirectory() && isRead && !GENERATED.has(entry.name)
        ? listFiles(path, isPage)
        : [];
    })
    .sort();
}

/** The files git keeps or would add, relative to the root with forward slashes. */
export function listCommitted(root: string): string[] {
  const options = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const output = execFileSync('git', options, { cwd: root, encoding: 'utf8' });
  const names = new Set(output.split('\0'));
  // A file that is deleted but not yet committed is still listed.
  return [...names].filter((name) => name !== '' && existsSync(join(root, name))).sort();
}

/** A path as it is printed: from the root, with forward slashes on every system. */
export function shown(root: string, path: string): string {
  return relative(root, path).split(sep).join('/');
}
