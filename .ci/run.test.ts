/**
 * `.ci/run` itself, in a small tree, with an `npx` that only pretends: what the script makes of how things end.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
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
/** The test command writes a report, and each lane says that it has run three tests. */
const REPORTS = `if [ "$4" = '' ] && [ "$3" = test ]; then echo '${REPORT}' >"$NETLOOM_TEST_REPORT"; fi
echo '2 0 1' >>"$NETLOOM_COUNTS"\n`;
/** What the totals ask to know whether this is a machine like CI's: who runs it, on what, and whether the registry answers. */
const MACHINE = {
  id: 'echo 0',
  dpkg: 'echo amd64',
  npm: 'echo 12.21.0',
};

/** A committed tree with the script in it; `npx` is the text of a shell script that gets npx's arguments. */
function treeWith(
  npx: string,
  nodes = '',
  machine: Readonly<Record<string, string>> = MACHINE,
): { tree: SmallTree; env: NodeJS.ProcessEnv } {
  const programs = Object.fromEntries(
    // socat and nc: there, so that nothing is installed.
    Object.entries({ ...machine, npx, socat: '', nc: '' }).map(([name, text]) => [
      `bin/${name}`,
      `#!/bin/sh\n${text}\n`,
    ]),
  );
  const tree = new SmallTree({
    ...Object.fromEntries(
      FILES.map((name) => [`.ci/${name}`, readFileSync(new URL(name, import.meta.url), 'utf8')]),
    ),
    '.gitignore': 'bin\n',
    ...programs,
  });
  for (const name of Object.keys(programs)) chmodSync(join(tree.root, name), 0o755);
  const git = (...args: string[]) => execFileSync('git', args, { cwd: tree.root });
  git('init', '--quiet');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@example.org', 'commit', '--quiet', '-m', 'a');
  const path = [join(tree.root, 'bin'), process.env.PATH].join(delimiter);
  // What .ci/full asks for is not for the run in here.
  const env = { ...process.env, NETLOOM_FULL: '', NETLOOM_BINARIES: '', NETLOOM_NODES: nodes };
  return { tree, env: { ...env, PATH: path } };
}

function run(
  npx: string,
  nodes?: string,
  machine?: Readonly<Record<string, string>>,
): { last: string | undefined; output: string; code: number | null } {
  const { tree, env } = treeWith(npx, nodes, machine);
  using _ = tree;
  const options = { cwd: tree.root, encoding: 'utf8', env } as const;
  const { stdout, status } = spawnSync('sh', ['.ci/run'], options);
  return { last: stdout.trimEnd().split('\n').at(-1), output: stdout, code: status };
}

it('.ci/run ends with the totals and 0 when all went well', () => {
  const { last, code } = run(`${REPORTS}exit 0\n`);
  expect(last).toBe('21 passed, 0 failed');
  expect(code).toBe(0);
});

it('.ci/run goes on after a check that fails, ends with the totals, and with 1', () => {
  const { last, output, code } = run(`${REPORTS}[ "$4" != lint ]\n`);
  expect(output).toContain('failed: check lint\n');
  expect(last).toBe('20 passed, 1 failed');
  expect(code).toBe(1);
});

it('.ci/run shows each lane with the tests that it says it has run', () => {
  const { output } = run(`${REPORTS}exit 0\n`, '22');
  const table = output.slice(output.indexOf('\nlane ')).split('\n\n')[0]?.trim().split('\n') ?? [];
  const shown = table.map((row) =>
    row.replace(/ \d+ {2}passed$/, ' s passed').replaceAll(/ +/g, ' '),
  );
  expect(shown).toEqual([
    'lane passed failed skipped seconds',
    'linux 1 0 0 s passed',
    'windows 2 0 1 s passed',
    'sanitizer address 2 0 1 s passed',
    'arm64 2 0 1 s passed',
    'sanitizer threads 2 0 1 s passed',
    'warnings 2 0 1 s passed',
    'node 22 2 0 1 s passed',
  ]);
});

it('.ci/run shows what was written for its end before the totals', () => {
  const { output } = run(`${REPORTS}[ "$3" != test ] || echo 'a table' >>"$NETLOOM_SUMMARY"\n`);
  expect(output.slice(output.indexOf('== totals'))).toMatch(/^== totals .*\na table\nlane /);
});

it('.ci/run fails where a lane ends well and says of no test that it has run', () => {
  const { last, output } = run(`${REPORTS}[ "$7" != 22 ] || : >"$NETLOOM_COUNTS"\n`, '22');
  expect(output).toContain('failed: lane node 22: ended well with 0 tests passed, 0 failed\n');
  expect(last).toBe('22 passed, 1 failed');
});

it('.ci/run fails where a lane ends well and says that a test has failed', () => {
  const { output, code } = run(
    `${REPORTS}[ "$7" != 22 ] || echo '0 1 0' >>"$NETLOOM_COUNTS"\n`,
    '22',
  );
  expect(output).toContain('failed: lane node 22: ended well with 2 tests passed, 1 failed\n');
  expect(code).toBe(1);
});

const SKIPS_ONE = `${REPORTS}[ "$7" != 99 ] || exit 77\n`;

it('.ci/run fails where a lane is skipped on a machine like that of CI', () => {
  const { last, output, code } = run(SKIPS_ONE, '22 99');
  expect(output).toContain(
    'failed: check node 99: skipped, and .ci/skips does not allow it here\n',
  );
  expect(last).toBe('22 passed, 1 failed');
  expect(code).toBe(1);
});

it.each([
  ['who is not root', { id: 'echo 1000' }],
  ['of another kind', { dpkg: 'echo arm64' }],
  ['without Debian', { dpkg: 'exit 127' }],
  ['that the package registry does not answer', { npm: 'exit 1' }],
])('.ci/run counts a lane as skipped on a machine %s', (_, difference) => {
  const { last, output, code } = run(SKIPS_ONE, '22 99', { ...MACHINE, ...difference });
  expect(output).toContain('skipped: check node 99\n');
  expect(last).toBe('22 passed, 0 failed, 1 skipped');
  expect(code).toBe(0);
});

it('.ci/run ends with the totals also where nothing can be installed', () => {
  const { last, output, code } = run('echo no network >&2; exit 7\n');
  expect(output).toContain('failed: the test command ended with 7 and no report\n');
  expect(last).toBe('1 passed, 20 failed');
  expect(code).toBe(1);
});

it('.ci/run fails when a file is left behind', () => {
  const { last, output } = run(`${REPORTS}touch left-behind\n`);
  expect(output).toContain('?? left-behind\n');
  expect(last).toBe('20 passed, 1 failed');
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

/** Where two lanes are that only end when both have been started: their pids. */
const MEETS = `meet() { echo $$ >bin/$1.new; mv bin/$1.new bin/$1.pid; until [ -e bin/$2.pid ]; do sleep 0.05; done; }
case "$*" in
  *windows/run.sh*) meet windows address ;;
  *lane-address*) meet address windows ;;
`;

it('.ci/run has two lanes side by side in the long form, and shows both', () => {
  const { tree, env } = treeWith(`${REPORTS}${MEETS}esac\n`, '22 24 26');
  using _ = tree;
  const options = { cwd: tree.root, encoding: 'utf8', timeout: 50_000 } as const;
  const { stdout } = spawnSync('sh', ['.ci/run'], {
    ...options,
    env: { ...env, NETLOOM_FULL: '1' },
  });
  const lanes = [...stdout.matchAll(/^(\S.*?) +2 +0 +1 +\d+ +passed$/gm)].map(([, name]) => name);
  expect(lanes).toEqual([
    'windows',
    'sanitizer address',
    'arm64',
    'sanitizer threads',
    'warnings',
    'node 22',
    'node 24',
    'node 26',
  ]);
  expect(stdout.trimEnd().split('\n').at(-1)).toBe('25 passed, 0 failed');
}, 60_000);

it('.ci/run, when it is stopped, stops both of two lanes', async () => {
  const { tree, env } = treeWith(`${REPORTS}${MEETS}  *) exit 0 ;;\nesac\nexec sleep 60\n`);
  using _ = tree;
  const script = spawn('sh', ['.ci/run'], {
    cwd: tree.root,
    env: { ...env, NETLOOM_FULL: '1' },
    stdio: 'ignore',
  });
  const ended = once(script, 'exit');
  const pids = ['windows', 'address'].map((name) => join(tree.root, 'bin', `${name}.pid`));
  while (!pids.every((file) => existsSync(file))) await sleep(20);
  script.kill('SIGTERM');
  expect(await ended).toEqual([130, null]);
  for (const file of pids) {
    const pid = readFileSync(file, 'utf8').trim();
    while (isAlive(pid)) await sleep(20);
  }
}, 60_000);

/** A process that has ended and that nobody has asked about is not alive. */
function isAlive(pid: string): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/^\d+ \(.*\) Z/.test(readFileSync(stat, 'utf8'));
}
