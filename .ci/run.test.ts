/**
 * `.ci/run` itself, in a small tree, with an `npx` that only pretends: what the script makes of how things end.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { SmallTree } from '../tools/small-tree.js';

const FILES = ['run', 'totals.mjs', 'skips'];
const REPORT = JSON.stringify({
  testResults: [
    {
      name: 'a.test.ts',
      status: 'passed',
      message: '',
      assertionResults: [{ status: 'passed', fullName: 'a works' }],
    },
  ],
});
const REPORTS = `if [ "$4" = '' ] && [ "$3" = test ]; then echo '${REPORT}' >"$NETLOOM_TEST_REPORT"; fi\n`;

/** A committed tree with the script in it; `npx` is the text of a shell script that gets npx's arguments. */
function treeWith(npx: string, nodes = ''): { tree: SmallTree; env: NodeJS.ProcessEnv } {
  const tree = new SmallTree({
    ...Object.fromEntries(
      FILES.map((name) => [`.ci/${name}`, readFileSync(new URL(name, import.meta.url), 'utf8')]),
    ),
    '.gitignore': 'bin\n',
    'bin/npx': `#!/bin/sh\n${npx}`,
    // There, so that nothing is installed.
    'bin/socat': '#!/bin/sh\n',
    'bin/nc': '#!/bin/sh\n',
  });
  for (const name of ['npx', 'socat', 'nc']) chmodSync(join(tree.root, 'bin', name), 0o755);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: tree.root });
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '--quiet', '-m', 'a');
  const path = [join(tree.root, 'bin'), process.env.PATH].join(delimiter);
  return { tree, env: { ...process.env, PATH: path, NETLOOM_FULL: '', NETLOOM_NODES: nodes } };
}

function run(
  npx: string,
  nodes?: string,
): { last: string | undefined; output: string; code: number | null } {
  const { tree, env } = treeWith(npx, nodes);
  using _ = tree;
  const options = { cwd: tree.root, encoding: 'utf8', env } as const;
  const { stdout, status } = spawnSync('sh', ['.ci/run'], options);
  return { last: stdout.trimEnd().split('\n').at(-1), output: stdout, code: status };
}

it('.ci/run ends with the totals and 0 when all went well', () => {
  const { last, code } = run(`${REPORTS}exit 0\n`);
  expect(last).toBe('18 passed, 0 failed');
  expect(code).toBe(0);
});

it('.ci/run goes on after a check that fails, ends with the totals, and with 1', () => {
  const { last, output, code } = run(`${REPORTS}[ "$4" != lint ]\n`);
  expect(output).toContain('failed: check lint\n');
  expect(last).toBe('17 passed, 1 failed');
  expect(code).toBe(1);
});

it('.ci/run counts each version of Node that it is given, and those that cannot be had as skipped', () => {
  const { last, output, code } = run(`${REPORTS}[ "$7" != 99 ] || exit 77\n`, '22 99');
  expect(output).toContain('skipped: check node 99\n');
  expect(last).toBe('19 passed, 0 failed, 1 skipped');
  expect(code).toBe(0);
});

it('.ci/run ends with the totals also where nothing can be installed', () => {
  const { last, output, code } = run('echo no network >&2; exit 7\n');
  expect(output).toContain('failed: the test command ended with 7 and no report\n');
  expect(last).toBe('1 passed, 17 failed');
  expect(code).toBe(1);
});

it('.ci/run fails when a file is left behind', () => {
  const { last, output } = run(`${REPORTS}touch left-behind\n`);
  expect(output).toContain('?? left-behind\n');
  expect(last).toBe('17 passed, 1 failed');
});

it('.ci/run, when it is stopped, stops what it has started', async () => {
  const { tree, env } = treeWith('echo "running $$"; exec sleep 60\n');
  using _ = tree;
  const script = spawn('sh', ['.ci/run'], { cwd: tree.root, env });
  let output = '';
  let running: number | undefined;
  // Ends only when the last process that holds the pipe has ended, which is what is asked here.
  for await (const text of script.stdout.setEncoding('utf8')) {
    output += text;
    if (running === undefined && /^running \d+$/m.test(output)) {
      running = Number(/^running (\d+)$/m.exec(output)?.[1]);
      script.kill('SIGTERM');
    }
  }
  if (script.exitCode === null) await once(script, 'exit');
  expect(script.exitCode).toBe(130);
  expect(running).toBeGreaterThan(0);
  expect(output).not.toContain('== totals');
}, 20_000);
