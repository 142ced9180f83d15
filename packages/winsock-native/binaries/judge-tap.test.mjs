/** The judge of reports, over reports as `node --test --test-reporter=tap` writes them. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { judgeTap } from './judge-tap.mjs';

/** A report of these lines; `tests`: how many the runner says there were. */
function tap(lines, tests = lines.length) {
  const each = lines.map((line) => `${line}\n  ---\n  duration_ms: 1\n  ...`).join('\n');
  return `TAP version 13\n${each}\n1..${tests}\n# tests ${tests}\n# pass ${tests}\n# fail 0\n`;
}

const GOOD = ['ok 1 - a works', 'ok 2 - b works'];

test('a report in which all passed has no problems', () => {
  expect(judgeTap(tap(GOOD))).toEqual({ passed: 2, known: 0, skipped: 0, problems: [] });
});

test('a failure is a problem, with what the runner says of it', () => {
  const { passed, problems } = judgeTap(tap([...GOOD, 'not ok 3 - c works']));
  expect(passed).toBe(2);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/^not ok 3 - c works\n {2}---\n {2}duration_ms: 1/);
});

test('a failure that is expected is counted and no problem; one that passes after all is', () => {
  const report = tap([...GOOD, 'not ok 3 - c works']);
  expect(judgeTap(report, ['c works'])).toMatchObject({ known: 1, problems: [] });
  expect(judgeTap(report, ['c works', 'a works']).problems).toEqual([
    'it passes after all: a works',
  ]);
});

test('a report with fewer tests than the runner counted is a problem', () => {
  expect(judgeTap(tap(GOOD, 3)).problems).toEqual(['2 tests are reported, and 3 were counted']);
});

test('a report that breaks off is a problem', () => {
  const whole = tap(GOOD);
  expect(judgeTap(whole.slice(0, whole.indexOf('1..'))).problems).toEqual([
    'the report breaks off',
  ]);
});

test('a report without a test is a problem', () => {
  expect(judgeTap(tap([])).problems).toEqual(['nothing passed']);
  expect(judgeTap('').problems).toEqual(['the report breaks off', 'nothing passed']);
});

test('a skip is counted where it says why, and a problem where it does not', () => {
  expect(judgeTap(tap([...GOOD, "ok 3 - c works # SKIP Linux' own"]))).toMatchObject({
    passed: 2,
    skipped: 1,
    problems: [],
  });
  expect(judgeTap(tap([...GOOD, 'ok 3 - c works # SKIP'])).problems).toEqual([
    'skipped without a reason: c works',
  ]);
});

test('the program prints the counts, tells them, and ends with 1 where there is a problem', () => {
  const folder = mkdtempSync(join(tmpdir(), 'netloom-tap-'));
  const run = (report) => {
    writeFileSync(join(folder, 'report'), report);
    writeFileSync(join(folder, 'expected'), '# why\nc works\n');
    const ended = spawnSync(
      process.execPath,
      [fileURLToPath(new URL('judge-tap.mjs', import.meta.url)), 'report', 'expected'],
      { cwd: folder, encoding: 'utf8', env: { ...process.env, NETLOOM_COUNTS: 'counts' } },
    );
    return { code: ended.status, first: ended.stdout.split('\n')[0] };
  };
  const well = run(tap([...GOOD, 'not ok 3 - c works']));
  expect(well).toEqual({ code: 0, first: '2 passed, 1 failed as expected, 0 skipped' });
  expect(run(tap([...GOOD, 'not ok 3 - d works'])).code).toBe(1);
  expect(readFileSync(join(folder, 'counts'), 'utf8')).toBe('2 0 1\n2 1 0\n');
  rmSync(folder, { recursive: true });
});
