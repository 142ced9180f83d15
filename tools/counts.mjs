// How a lane tells `.ci/run` how many tests it has run: a line per suite in the file that NETLOOM_COUNTS names. Where that is
// not set nobody asks.
//
//     node tools/counts.mjs PASSED FAILED SKIPPED
import { appendFileSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export function tellCounts({ passed, failed = 0, skipped = 0 }) {
  const counts = [passed, failed, skipped];
  if (!counts.every((count) => Number.isInteger(count) && count >= 0))
    throw new Error(`counts are whole numbers: got ${counts.join(' ')}`);
  if (process.env.NETLOOM_COUNTS)
    appendFileSync(process.env.NETLOOM_COUNTS, `${counts.join(' ')}\n`);
}

/** Of a report that Vitest's json reporter wrote. A file that did not load counts as a test that failed. */
export function countReport(path) {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const file of JSON.parse(readFileSync(path, 'utf8')).testResults) {
    const before = counts.failed;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') counts.failed += 1;
      else counts.skipped += 1;
    }
    if (file.status === 'failed' && counts.failed === before) counts.failed += 1;
  }
  return counts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [passed, failed, skipped] = process.argv.slice(2).map(Number);
  tellCounts({ passed, failed, skipped });
}
