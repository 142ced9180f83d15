/**
 * Follows every link of every Markdown page that stays in the repository: the file is there and git keeps it, the heading
 * or the lines behind `#` exist. Addresses of other hosts are not asked: a check must not depend on them.
 */
import { readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import { type Link, readAnchors, readLinks } from './markdown.js';
import { listPages, shown } from './workspace.js';

/** Checks all pages below `root`; `committed` are the files that git keeps, from the root. */
export function checkLinks(root: string, committed: readonly string[]): string[] {
  const files = new Set(committed);
  const folders = new Set(['.', ...committed.flatMap(foldersOf)]);
  return listPages(root).flatMap((page) => {
    const name = shown(root, page);
    const read = (path: string) => readFileSync(posix.join(root, path), 'utf8');
    return readLinks(readFileSync(page, 'utf8')).flatMap((link) => {
      const fault = faultOf(name, link, { files, folders, read });
      return fault === undefined ? [] : [`${name}:${link.line}: ${link.target}: ${fault}`];
    });
  });
}

interface Tree {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
  read(path: string): string;
}

function faultOf(
  page: string,
  { target }: Link,
  { files, folders, read }: Tree,
): string | undefined {
  if (/^[a-z][a-z\d+.-]*:/i.test(target)) return undefined;
  if (target === '') return 'a link without a target';
  if (target.startsWith('/')) return 'hosts disagree on where / is: make it relative';
  const [path = '', fragment] = decodeURIComponent(target).split('#', 2);
  const file = path === '' ? page : posix.join(dirname(page), path).replace(/\/$/, '');
  if (folders.has(file)) {
    return fragment === undefined ? undefined : 'a folder has no headings and no lines';
  }
  if (!files.has(file)) return `there is no ${file}`;
  if (fragment === undefined) return undefined;
  const lines = /^L(\d+)(?:-L(\d+))?$/.exec(fragment);
  if (lines === null || file.endsWith('.md')) {
    if (!file.endsWith('.md')) return `only #L1 or #L1-L2 leads into ${file}`;
    return readAnchors(read(file)).has(fragment)
      ? undefined
      : `${file} has no heading #${fragment}`;
  }
  const count = read(file).replace(/\n$/, '').split('\n').length;
  const [first, last] = [Number(lines[1]), Number(lines[2] ?? lines[1])];
  if (first >= 1 && first <= last && last <= count) return undefined;
  return `${file} has lines 1 to ${count}`;
}

function foldersOf(file: string): string[] {
  const folder = posix.dirname(file);
  return folder === '.' ? [] : [folder, ...foldersOf(folder)];
}
