/**
 * Adds up tests and checks, lists what was skipped, and prints the last line of CI.
 *
 *     totals.mjs REPORT TEST-EXIT-CODE CHECKS SKIPS
 *
 * Plain JavaScript without dependencies: it must be able to say "1 failed" when nothing could be installed.
 */
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';

const [reportPath, testCode, checksPath, skipsPath] = process.argv.slice(2);
const mayBeSkipped = readSkips();
let passed = 0;
const failures = [];
const skipped = [];

countTests();
countChecks();
for (const line of skipped) console.log(`skipped: ${line}`);
for (const line of failures) console.log(`failed: ${line}`);
const rest = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
console.log(`${passed} passed, ${failures.length} failed${rest}`);
process.exitCode = failures.length > 0 ? 1 : 0;

function countTests() {
  if (!existsSync(reportPath)) {
    failures.push(`the test command ended with ${testCode} and no report`);
    return;
  }
  const before = failures.length;
  const report = JSON.parse(readFileSync(reportPath, 'utf8'));
  for (const file of report.testResults) {
    const where = relative(process.cwd(), file.name);
    const failedBefore = failures.length;
    for (const { status, fullName, ancestorTitles, title } of file.assertionResults) {
      const name = fullName || [...ancestorTitles, title].join(' ');
      if (status === 'passed') passed += 1;
      else if (status === 'failed') failures.push(`${where}: ${name}`);
      else if (mayBeSkipped(name)) skipped.push(`${where}: ${name}`);
      else failures.push(`${where}: ${name}: skipped, and .ci/skips does not allow it here`);
    }
    // A file that does not load has no tests to fail.
    if (file.status === 'failed' && failures.length === failedBefore) {
      failures.push(`${where}: ${String(file.message).split('\n')[0]}`);
    }
  }
  if (passed === 0) failures.push('no test has passed');
  if (testCode !== '0' && failures.length === before) {
    failures.push(`the test command ended with ${testCode} although no test failed`);
  }
}

function countChecks() {
  for (const line of readFileSync(checksPath, 'utf8').trim().split('\n')) {
    const [, outcome, name] = /^(\w+) (.+)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const check = `check ${name}`;
    if (outcome === 'passed') passed += 1;
    else if (outcome === 'failed') failures.push(check);
    else if (mayBeSkipped(check)) skipped.push(check);
    else failures.push(`${check}: skipped, and .ci/skips does not allow it here`);
  }
}

/** Whether a skipped test's name may be skipped on this machine. */
function readSkips() {
  const rows = readFileSync(skipsPath, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => /^(\w+):?(\S*)\s+(.+?)\s*$/.exec(line) ?? refuse(line))
    .map(([, when, subject, words]) => ({ holds: holds(when, subject), words }));
  return (name) =>
    rows.some(({ holds, words }) => holds && new RegExp(`\\b${words}\\b`).test(name));
}

function holds(when, subject) {
  if (when === 'always') return true;
  if (when === 'without') return !isInstalled(subject);
  if (when === 'unless') return !process.env[subject];
  return refuse(when);
}

function isInstalled(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function refuse(text) {
  throw new Error(`.ci/skips: not understood: ${text}`);
}
