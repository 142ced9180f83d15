import { expect, test } from 'vitest';
import type { Difference } from './differences.js';
import { judge, type Report } from './judge.js';

const ROW: Difference = { file: 'server/src/a.test.ts', test: /a link/, because: 'no links' };

function reportOf(tests: Readonly<Record<string, string>>, status = 'passed'): Report {
  const assertionResults = Object.entries(tests).map(([fullName, each]) => ({
    fullName,
    status: each,
    failureMessages: each === 'failed' ? ['it broke\n  at somewhere'] : [],
  }));
  const name = 'Z:\\tmp\\stage\\packages\\server\\src\\a.test.ts';
  return { testResults: [{ name, status, message: 'it does not load', assertionResults }] };
}

test('what is on the list may fail, anything else not', () => {
  const report = reportOf({ 'takes a link': 'failed', works: 'passed', other: 'failed' }, 'failed');
  expect(judge(report, [ROW])).toEqual({
    passed: 1,
    skipped: 0,
    different: 1,
    faults: ['server/src/a.test.ts: other: it broke'],
  });
});

test('a row that nothing bears out is a fault, unless it happens only sometimes', () => {
  const report = reportOf({ 'takes a link': 'passed' });
  expect(judge(report, [ROW]).faults).toEqual([
    'differences.ts: nothing fails any more: server/src/a.test.ts: /a link/',
  ]);
  expect(judge(report, [{ ...ROW, sometimes: true }]).faults).toEqual([]);
});

test('a file that does not load is a fault, and so is a run in which nothing passed', () => {
  expect(judge(reportOf({}, 'failed'), []).faults).toEqual([
    'server/src/a.test.ts: it does not load',
    'no test has passed',
  ]);
});
