/** The table of who has run which bytes, over files that the test makes up. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { hashOf, recordRun, tableOf } from './runs.mjs';
import { TARGETS } from './targets.mjs';

const folder = mkdtempSync(join(tmpdir(), 'netloom-runs-'));
afterAll(() => rmSync(folder, { recursive: true }));
const log = join(folder, 'cache', 'runs.txt');
const { file } = TARGETS['linux-x64-musl'];

/** The table's line about the file that the tests are about. */
function line() {
  return tableOf(folder, log).find((one) => one.startsWith(file));
}

function write(bytes) {
  mkdirSync(dirname(join(folder, file)), { recursive: true });
  writeFileSync(join(folder, file), bytes);
}

test('a file that is not there is not built, and one that no lane names never ran', () => {
  expect(tableOf(folder, log)).toHaveLength(1 + Object.keys(TARGETS).length);
  expect(line()).toBe(`${file}  not built`);
  write('one');
  expect(line()).toBe(`${file}  3  ${hashOf(join(folder, file))}  never ran`);
});

test('what a lane has run is said of these bytes, once, and of no others', () => {
  write('one');
  recordRun(join(folder, file), 'arm64', '5 tests', log);
  recordRun(join(folder, file), 'install', 'README', log);
  recordRun(join(folder, file), 'arm64', '5 tests', log);
  expect(line()).toMatch(/ {2}arm64: 5 tests; install: README$/);
  write('two');
  expect(line()).toMatch(/ {2}never ran$/);
  write('one');
  expect(line()).toMatch(/ {2}arm64: 5 tests; install: README$/);
});
