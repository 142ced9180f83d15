// `node judge-tap.mjs TAP [EXPECTED]`: judges the report of a run of `node --test`. Prints `N passed, N failed as expected,
// N skipped`, and the whole report of every other failure. EXPECTED holds names of tests that must fail, a line each, after
// comments.
//
// Exit code 1 where the report is not whole, something else failed, or what was expected to fail did not. Which tests may be
// skipped the cases say themselves, each with a reason: a skip without one is a failure too.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tellCounts } from '../../../tools/counts.mjs';

/** What a report says, held against the names that must fail. `problems` are texts for people. */
export function judgeTap(text, expected = []) {
  const lines = text.split('\n');
  const passed = [];
  const skipped = [];
  const failed = [];
  const problems = [];
  for (const [i, line] of lines.entries()) {
    const [, not, name, skip, reason] =
      /^\s*(not )?ok \d+ - (.*?)(?: # (SKIP)\b ?(.*))?$/.exec(line) ?? [];
    if (name === undefined) continue;
    if (skip !== undefined) {
      skipped.push(name);
      if (reason === '') problems.push(`skipped without a reason: ${name}`);
    } else if (not === undefined) passed.push(name);
    else {
      failed.push(name);
      if (!expected.includes(name)) problems.push(lines.slice(i, i + 20).join('\n'));
    }
  }
  for (const name of expected)
    if (passed.includes(name)) problems.push(`it passes after all: ${name}`);
  problems.push(...missingOf(lines, passed.length + failed.length + skipped.length));
  if (passed.length === 0) problems.push('nothing passed');
  const known = failed.filter((name) => expected.includes(name)).length;
  return { passed: passed.length, known, skipped: skipped.length, problems };
}

/** Whether the runner came to its end, and as many tests as it counted. */
function missingOf(lines, seen) {
  const count = (what) => {
    const line = lines.find((one) => one.startsWith(`# ${what} `));
    return line === undefined ? undefined : Number(line.slice(what.length + 3));
  };
  const tests = count('tests');
  if (tests === undefined || count('pass') === undefined) return ['the report breaks off'];
  return tests === seen ? [] : [`${seen} tests are reported, and ${tests} were counted`];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [report, list] = process.argv.slice(2);
  const expected = list === undefined ? '' : readFileSync(list, 'utf8');
  const names = expected.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const { passed, known, skipped, problems } = judgeTap(readFileSync(report, 'utf8'), names);
  console.log(`${passed} passed, ${known} failed as expected, ${skipped} skipped`);
  for (const problem of problems) console.log(problem);
  // What fails as expected is nothing that was tested.
  tellCounts({ passed, failed: problems.length, skipped: skipped + known });
  process.exitCode = problems.length > 0 ? 1 : 0;
}
