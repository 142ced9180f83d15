/**
 * `tsx tools/windows/judge.ts REPORT` in the root: what the packages' own tests say on Windows, against the list of what
 * must differ there (differences.ts). A difference that the list has not fails, and so does a row that no test bears out.
 *
 * Exit code: 0 all as expected, 1 not.
 */
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { tellCounts } from '../counts.mjs';
import { DIFFERENCES, type Difference } from './differences.js';

/** What is read of the report that Vitest's json reporter writes. */
export interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/** How it ended: counts, and what is wrong, a line each. */
export interface Verdict {
  readonly passed: number;
  readonly skipped: number;
  readonly different: number;
  readonly faults: readonly string[];
}

/** Holds a report against the rows. */
export function judge(report: Report, rows: readonly Difference[]): Verdict {
  const used = new Set<Difference>();
  const isKnown = (file: string, test: string): boolean => {
    const row = rows.find((one) => one.file === file && one.test.test(test));
    if (row !== undefined) used.add(row);
    return row !== undefined;
  };
  const faults: string[] = [];
  let passed = 0;
  let skipped = 0;
  let different = 0;
  for (const file of report.testResults) {
    const name = file.name.replaceAll('\\', '/').replace(/^.*\/packages\//, '');
    const before = faults.length + different;
    for (const { status, fullName, failureMessages } of file.assertionResults) {
      if (status === 'passed') passed += 1;
      else if (status !== 'failed') skipped += 1;
      else if (isKnown(name, fullName)) different += 1;
      else faults.push(`${name}: ${fullName}: ${firstLine(failureMessages?.[0])}`);
    }
    // A file that does not load has no tests to fail.
    if (file.status === 'failed' && before === faults.length + different) {
      faults.push(`${name}: ${firstLine(file.message)}`);
    }
  }
  for (const row of rows) {
    if (!row.sometimes && !used.has(row)) {
      faults.push(`differences.ts: nothing fails any more: ${row.file}: ${row.test}`);
    }
  }
  if (passed === 0) faults.push('no test has passed');
  return { passed, skipped, different, faults };
}

function firstLine(text = ''): string {
  return text.split('\n')[0] ?? '';
}

const path = process.argv[2];
if (path !== undefined && import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  // SAFETY: written by Vitest's own json reporter.
  const report = JSON.parse(readFileSync(path, 'utf8')) as Report;
  const { passed, skipped, different, faults } = judge(report, DIFFERENCES);
  for (const fault of faults) console.log(`failed: ${fault}`);
  console.log(
    `${passed} passed, ${faults.length} failed, ${different} differ as listed, ${skipped} skipped`,
  );
  // What fails as listed is nothing that was tested.
  tellCounts({ passed, failed: faults.length, skipped: skipped + different });
  process.exitCode = faults.length > 0 ? 1 : 0;
}
