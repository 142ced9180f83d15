// `node judge-tap.mjs TAP EXPECTED`: prints `N passed, N failed as expected, N skipped`, and the whole report of every other
// failure. EXPECTED holds names of tests that must fail, a line each, after comments.
// Exit code 1 where the report is not whole, something else failed, or what was expected to fail did not.
import { readFileSync } from 'node:fs';

const [report, list] = process.argv.slice(2);
const lines = readFileSync(report, 'utf8').split('\n');
const expected = readFileSync(list, 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

const passed = [];
const skipped = [];
const failed = [];
const problems = [];
for (const [i, line] of lines.entries()) {
  const [, not, name] = /^\s*(not )?ok \d+ - (.*?)(?: # SKIP.*)?$/.exec(line) ?? [];
  if (name === undefined) continue;
  if (/ # SKIP/.test(line)) skipped.push(name);
  else if (not === undefined) passed.push(name);
  else {
    failed.push(name);
    if (!expected.includes(name)) problems.push(lines.slice(i, i + 20).join('\n'));
  }
}
for (const name of expected)
  if (passed.includes(name)) problems.push(`it passes after all: ${name}`);
if (!lines.some((line) => /^# pass \d+$/.test(line))) problems.push('the report breaks off');
if (passed.length === 0) problems.push('nothing passed');
const known = failed.filter((name) => expected.includes(name)).length;
console.log(`${passed.length} passed, ${known} failed as expected, ${skipped.length} skipped`);
for (const problem of problems) console.log(problem);
process.exitCode = problems.length > 0 ? 1 : 0;
