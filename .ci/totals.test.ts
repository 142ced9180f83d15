import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { SmallTree } from '../tools/small-tree.js';

const TOTALS = fileURLToPath(new URL('totals.mjs', import.meta.url));

interface Run {
  readonly tests?: readonly object[];
  readonly status?: string;
  readonly message?: string;
  readonly code?: string;
  readonly checks?: string;
  readonly skips?: string;
}

/** Runs the totals over one test file, and gives the lines printed and the exit code. */
function totals(run: Run): { lines: string[]; code: number | null } {
  const checks = `linux ${run.code ?? '0'} 5\n${run.checks ?? 'check passed 1 lint\n'}`;
  using tree = new SmallTree({ checks, skips: run.skips ?? '' });
  const { tests, status = 'passed', message = '' } = run;
  if (tests !== undefined) {
    const file = { name: `${tree.root}/a.test.ts`, status, message, assertionResults: tests };
    tree.write({ 'tests.json': { testResults: [file] } });
  }
  const { stdout, stderr, ...ended } = spawnSync(
    process.execPath,
    [TOTALS, 'tests.json', 'checks', 'skips'],
    { cwd: tree.root, encoding: 'utf8' },
  );
  expect(stderr).toBe('');
  // Behind the table of lanes and an empty line.
  const lines = stdout.trimEnd().split('\n\n')[1]?.split('\n') ?? [];
  return { lines, code: ended.status };
}

const PASSED = { status: 'passed', fullName: 'a works' };
const FAILED = { status: 'failed', fullName: 'b works' };
const SKIPPED = { status: 'skipped', fullName: 'socat talks to us' };

it('totals count every test, and each check as one', () => {
  const { lines, code } = totals({
    tests: [PASSED, PASSED],
    checks: 'check passed 1 lint\ncheck passed 1 rooms\n',
  });
  expect(lines).toEqual(['4 passed, 0 failed']);
  expect(code).toBe(0);
});

it('totals name what failed, and end with 1', () => {
  const { lines, code } = totals({
    tests: [PASSED, FAILED],
    checks: 'check failed 1 lint\n',
    code: '1',
  });
  expect(lines).toEqual(['failed: a.test.ts: b works', 'failed: check lint', '1 passed, 2 failed']);
  expect(code).toBe(1);
});

it('a file that does not load counts as failed, though it has no test', () => {
  const run = { tests: [], status: 'failed', message: 'Cannot find module x\nat y', code: '1' };
  const { lines, code } = totals(run);
  expect(lines[0]).toBe('failed: a.test.ts: Cannot find module x');
  expect(code).toBe(1);
});

it('a test command that fails for another reason counts as failed', () => {
  expect(totals({ tests: [PASSED], code: '1' }).lines.at(-1)).toBe('2 passed, 1 failed');
});

it('a test command that never reported counts as failed', () => {
  const { lines, code } = totals({ code: '127' });
  expect(lines.at(-1)).toBe('1 passed, 1 failed');
  expect(code).toBe(1);
});

it('a skipped test is listed and counted where the skips allow it, and failed where they do not', () => {
  const tests = [PASSED, SKIPPED];
  expect(totals({ tests, skips: 'without:no-such-program socat\n' }).lines).toEqual([
    'skipped: a.test.ts: socat talks to us',
    '2 passed, 0 failed, 1 skipped',
  ]);
  expect(totals({ tests, skips: 'without:node socat\n' }).lines.at(-1)).toBe('2 passed, 1 failed');
  expect(totals({ tests }).code).toBe(1);
});

it('a skipped check counts as skipped where the skips allow it, and as failed where they do not', () => {
  const run = { tests: [PASSED], checks: 'check passed 1 lint\ncheck skipped 1 node 22\n' };
  expect(totals({ ...run, skips: 'always check node\n' }).lines).toEqual([
    'skipped: check node 22',
    '2 passed, 0 failed, 1 skipped',
  ]);
  expect(totals(run).lines).toEqual([
    'failed: check node 22: skipped, and .ci/skips does not allow it here',
    '2 passed, 1 failed',
  ]);
});
