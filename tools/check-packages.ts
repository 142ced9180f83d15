/**
 * Looks at each package as the registry would get it: publint's rules, and the list of files in the tarball.
 *
 * Tables of test vectors, tests and sources of TypeScript stay at home.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { isPublished, listPackages, type Package, shown } from './workspace.js';

const run = promisify(execFile);

const NOT_SHIPPED: readonly (readonly [RegExp, string])[] = [
  [/(^|\/)vectors(\/|$)/, 'test vectors are not published'],
  [/\.(test|bench)\.[cm]?[jt]s(\.map)?$/, 'tests are not published'],
  [/^test\//, 'tests are not published'],
  [/(^|\/)node_modules\//, 'node_modules is not published'],
];

/** Checks all published packages; they must have been built. */
export async function checkPackages(root: string): Promise<string[]> {
  const problems: string[] = [];
  for (const one of listPackages(root).filter(isPublished)) {
    const where = shown(root, one.dir);
    if (!existsSync(join(one.dir, 'dist'))) {
      problems.push(`${where}/dist: not there; run \`pnpm build\` first`);
      continue;
    }
    const files = await packedFiles(one);
    for (const file of files) {
      const broken = NOT_SHIPPED.find(([pattern]) => pattern.test(file));
      if (broken !== undefined) problems.push(`${where}: would ship ${file}: ${broken[1]}`);
    }
    if (!files.includes('README.md')) problems.push(`${where}/README.md: every package has one`);
    problems.push(...(await lintPackage(where, one)));
  }
  return problems;
}

/** What `npm pack` would put into the tarball, relative to the package. */
async function packedFiles(one: Package): Promise<string[]> {
  const options = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const { stdout } = await run('npm', options, {
    cwd: one.dir,
    shell: process.platform === 'win32',
  });
  // SAFETY: the shape `npm pack --json` prints: one entry per package asked for.
  const [packed] = JSON.parse(stdout) as { files: { path: string }[] }[];
  return packed?.files.map(({ path }) => path) ?? [];
}

async function lintPackage(where: string, one: Package): Promise<string[]> {
  const { messages, pkg } = await publint({ pkgDir: one.dir, strict: true, pack: 'npm' });
  return messages.map(
    (message) => `${where}: publint: ${formatMessage(message, pkg, { color: false })}`,
  );
}
