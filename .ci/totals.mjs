/**
 * Adds up tests and checks, shows each lane with its count of tests, lists what was skipped, and prints the last line of CI.
 *
 *     totals.mjs REPORT CHECKS SKIPS
 *
 * CHECKS is what .ci/run has written down, a line each, in the order of the run:
 *
 *     linux EXIT-CODE SECONDS                      the test command, whose tests are in REPORT
 *     check|lane OUTCOME SECONDS NAME
 *     counts PASSED FAILED SKIPPED                 of the lane above, a line per suite that it ran
 *
 * Plain JavaScript without dependencies: it must be able to say "1 failed" when nothing could be installed.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join, relative } from 'node:path';

const [reportPath, checksPath, skipsPath] = process.argv.slice(2);
let passed = 0;
const failures = [];
const skipped = [];
/** Lanes in the order of the run; `counts` is undefined where a lane was skipped. */
const lanes = [];
/** Asked once, when something was skipped. */
let isCi;
/** Of .ci/skips, which says what each means. */
const CONDITIONS = {
  always: () => true,
  elsewhere: () => !isLikeCi(),
  without: (program) => !isInstalled(program),
  unless: (name) => !process.env[name],
};
const mayBeSkipped = readSkips();

for (const line of readFileSync(checksPath, 'utf8').trim().split('\n')) countLine(line);
for (const lane of lanes) requireTests(lane);
if (lanes.length > 0) printLanes();
for (const line of skipped) console.log(`skipped: ${line}`);
for (const line of failures) console.log(`failed: ${line}`);
const rest = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
console.log(`${passed} passed, ${failures.length} failed${rest}`);
process.exitCode = failures.length > 0 ? 1 : 0;

function countLine(line) {
  const [kind, ...words] = line.split(' ');
  if (kind === 'linux') countTests(...words);
  else if (kind === 'counts') addCounts(words.map(Number));
  else countCheck(kind, ...words);
}

function countTests(testCode, seconds) {
  const lane = { name: 'linux', outcome: 'passed', seconds, counts: [0, 0, 0] };
  lanes.push(lane);
  if (!existsSync(reportPath)) {
    failures.push(`the test command ended with ${testCode} and no report`);
    lane.outcome = 'failed';
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
  lane.outcome = failures.length > before ? 'failed' : 'passed';
  lane.counts = [passed, failures.length - before, skipped.length];
}

function countCheck(kind, outcome, seconds, ...words) {
  const name = words.join(' ');
  if (kind === 'lane') lanes.push({ name, outcome, seconds, counts: undefined });
  if (outcome === 'passed') passed += 1;
  else if (outcome === 'failed') failures.push(`check ${name}`);
  else if (mayBeSkipped(`check ${name}`)) skipped.push(`check ${name}`);
  else failures.push(`check ${name}: skipped, and .ci/skips does not allow it here`);
}

function addCounts(counts) {
  const lane = lanes.at(-1);
  if (lane === undefined || counts.length !== 3 || !counts.every(Number.isInteger))
    throw new Error(`not a lane's counts: ${counts.join(' ')}`);
  lane.counts = counts.map((count, i) => count + (lane.counts?.[i] ?? 0));
}

/** A lane that says "all well" and has run nothing has not run. */
function requireTests({ name, outcome, counts }) {
  if (outcome !== 'passed') return;
  const [ran = 0, wrong = 0] = counts ?? [];
  if (ran > 0 && wrong === 0) return;
  failures.push(`lane ${name}: ended well with ${ran} tests passed, ${wrong} failed`);
}

function printLanes() {
  const rows = lanes.map(({ name, outcome, seconds, counts }) => [
    name,
    ...(counts ?? ['-', '-', '-']),
    seconds,
    outcome,
  ]);
  const table = [['lane', 'passed', 'failed', 'skipped', 'seconds', ''], ...rows];
  const widths = table[0].map((_, i) => Math.max(...table.map((row) => String(row[i]).length)));
  for (const row of table) {
    const cells = row.map((cell, i) =>
      i === 0 ? String(cell).padEnd(widths[i]) : String(cell).padStart(widths[i]),
    );
    console.log(cells.join('  ').trimEnd());
  }
  console.log('');
}

/** Whether a skipped test's name may be skipped on this machine. */
function readSkips() {
  const rows = readFileSync(skipsPath, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => /^(\w+):?(\S*)\s+(.+?)\s*$/.exec(line) ?? refuse(line))
    .map((row) => (row[1] in CONDITIONS ? row : refuse(row[0])))
    .map(([, when, subject, words]) => ({ when, subject, words }));
  return (name) =>
    rows.some(
      ({ when, subject, words }) =>
        new RegExp(`\\b${words}\\b`).test(name) && CONDITIONS[when](subject),
    );
}

/** Whether this machine is what CI's is: root on Debian x64, and the package registry gives what CI itself is started with. */
function isLikeCi() {
  isCi ??=
    says('id', ['-u']) === '0' &&
    says('dpkg', ['--print-architecture']) === 'amd64' &&
    says('npm', ['view', '--fetch-retries=0', 'pnpm@12.21.0', 'version']) === '12.21.0';
  return isCi;
}

function says(program, args) {
  return spawnSync(program, args, { encoding: 'utf8', timeout: 30_000 }).stdout?.trim();
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
