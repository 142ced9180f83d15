import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { checkFiles } from './check-files.js';
import { SmallTree } from './small-tree.js';

/** Put together here, so that this file does not break the rule itself. */
const HOME = `/${'home'}/someone`;
const REGISTRY = `https://${'registry'}.example.org/`;

function problemsOf(files: Readonly<Record<string, unknown>>): string[] {
  using tree = new SmallTree(files);
  execFileSync('git', ['init', '--quiet'], { cwd: tree.root });
  return checkFiles(tree.root);
}

it('checkFiles() finds nothing in relative paths, system paths and ordinary addresses', () => {
  const text =
    './home/x /etc/hosts /proc/self/fd https://example.org/home/x a/root/b /tmp/x.sock\n';
  expect(problemsOf({ 'a.md': text, 'pnpm-lock.yaml': 'integrity: sha512-x\n' })).toEqual([]);
});

it.each([
  ['a path of one machine', 'a.ts', `const path = '${HOME}';`, 'absolute path of one machine'],
  ['a registry', 'a.md', `see ${REGISTRY}x`, 'address of a package registry'],
  ['a registry setting', '.npmrc', '@x:registry=//example.org', 'registry setting'],
  [
    'an address in the lock file',
    'pnpm-lock.yaml',
    'x: http://example.org',
    'address in the lock file',
  ],
  ['a tarball in the lock file', 'pnpm-lock.yaml', 'tarball: x', 'address in the lock file'],
])('checkFiles() finds %s', (_what, name, line, fault) => {
  expect(problemsOf({ [name]: `first\n${line}\n` })).toEqual([`${name}:2: ${fault}: ${line}`]);
});

it('checkFiles() leaves ignored files alone', () => {
  expect(problemsOf({ '.gitignore': 'dist\n', 'dist/a.js.map': HOME })).toEqual([]);
});
