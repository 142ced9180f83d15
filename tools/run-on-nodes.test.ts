/** The lane itself, in a small tree with an `npm` and a `node` that only pretend. */
import { spawnSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { SmallTree } from './small-tree.js';

const TOOL = fileURLToPath(new URL('run-on-nodes.ts', import.meta.url));
const PACKAGE = `node-${process.platform}-${process.arch}`;

/** @param node - what a Node that is there does with a program; absent: there is none, and none to be had */
function lane(
  versions: readonly string[],
  node?: string,
): { lines: string[]; code: number | null } {
  using tree = new SmallTree({ 'bin/npm': '#!/bin/sh\nexit 1\n' });
  chmodSync(join(tree.root, 'bin/npm'), 0o755);
  if (node !== undefined) {
    const path = `node_modules/.cache/nodes/24/node_modules/${PACKAGE}/bin/node`;
    tree.write({ [path]: `#!/bin/sh\n[ "$1" != --version ] || { echo v24.1.0; exit; }\n${node}` });
    chmodSync(join(tree.root, path), 0o755);
  }
  const { stdout, status } = spawnSync(process.execPath, ['--import', 'tsx', TOOL, ...versions], {
    cwd: tree.root,
    encoding: 'utf8',
    env: {
      ...process.env,
      NETLOOM_FULL: '',
      PATH: [join(tree.root, 'bin'), process.env.PATH].join(delimiter),
    },
  });
  return { lines: stdout.trimEnd().split('\n'), code: status };
}

it('a version that cannot be had is one line, and 77', () => {
  const { lines, code } = lane(['22']);
  expect(lines).toEqual([`skipped node 22: npm install ${PACKAGE}@22 failed: exit code 1`]);
  expect(code).toBe(77);
});

it('all that is run has to pass, on the Node that was asked for, first on PATH', () => {
  const { lines, code } = lane(['24'], 'echo "$1 $(command -v node)"\n');
  expect(lines.filter((line) => line.startsWith('ok '))).toEqual([
    'ok     node v24.1.0: demo',
    'ok     node v24.1.0: type stripping',
    'ok     node v24.1.0: tests',
  ]);
  const vitest = lines.find((line) => line.includes('vitest.mjs'));
  expect(vitest).toMatch(/\.cache\/nodes\/24\/.*\/bin\/node$/);
  expect(code).toBe(0);
});

it('one failure fails the lane, also when another version cannot be had; the rest is still run', () => {
  const { lines, code } = lane(['22', '24'], '[ "$1" != apps/demo/dist/main.js ]\n');
  expect(lines).toContain('FAILED node v24.1.0: demo: exit code 1');
  expect(lines).toContain('ok     node v24.1.0: tests');
  expect(code).toBe(1);
});
