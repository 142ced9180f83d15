/**
 * `pnpm exec tsx tools/run-on-nodes.ts VERSION ...` in the root: runs what was built on other versions of Node.
 * `20.19.0` is that one, `22` the newest 22 when it was fetched.
 *
 * The registry has Node's binaries, one package per system. They are kept below `node_modules/.cache`, where no
 * manifest and no lock file knows of them.
 *
 * Exit code: 0 all passed, 1 something failed, 77 nothing failed but a version could not be had.
 */
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { countReport, tellCounts } from './counts.mjs';

const FAILED = 1;
const USAGE = 2;
const SKIPPED = 77;

/** Two hundred repeats are some eighteen minutes of processor time, seen on Node 22; others may run beside. */
const MATRIX_MINUTES = 60;

/** Absent where nobody asked for it. */
const SUMMARY = process.env.NETLOOM_SUMMARY ? { NETLOOM_SUMMARY: process.env.NETLOOM_SUMMARY } : {};

const PACKAGE = `node-${process.platform}-${process.arch}`;
const CACHE = resolve('node_modules/.cache/nodes');

/** The first that parses `using`, which the program uses. */
const FIRST_TO_STRIP_TYPES = 24;

interface Step {
  readonly name: string;
  readonly args: readonly string[];
  readonly minutes: number;
  /** First major version that can do it; absent: all. */
  readonly from?: number;
  /** Its table is for the file that NETLOOM_SUMMARY names. */
  readonly hasTable?: true;
}

/** @param report - where the tests are to write theirs */
const stepsWith = (report: string): readonly Step[] => [
  { name: 'demo', args: ['apps/demo/dist/main.js', '--port', '0'], minutes: 1 },
  {
    name: 'type stripping',
    args: ['apps/demo/test/fixtures/type-stripping/main.ts'],
    minutes: 1,
    from: FIRST_TO_STRIP_TYPES,
  },
  {
    // The packages, the demo and the example by hand; not the repository's own tools.
    name: 'tests',
    args: [
      ...'node_modules/vitest/vitest.mjs run --project @netloom/* --reporter=dot'.split(' '),
      '--reporter=json',
      `--outputFile.json=${report}`,
    ],
    minutes: 50,
  },
  // Every end in every state, shown as a table; the tests do it a few times.
  ...(process.env.NETLOOM_FULL
    ? [
        {
          name: 'teardown',
          args: ['packages/winsock-native/test/teardown/matrix.mjs'],
          minutes: MATRIX_MINUTES,
          hasTable: true as const,
        },
      ]
    : []),
];

const versions = process.argv.slice(2);
if (versions.length === 0 || !versions.every((one) => /^\d+(\.\d+){0,2}$/.test(one))) {
  console.error('which versions of Node? For example: 20.19.0 22 24');
  process.exitCode = USAGE;
} else {
  const codes = versions.map(runOn);
  process.exitCode = [FAILED, SKIPPED].find((code) => codes.includes(code)) ?? 0;
}

function runOn(version: string): number {
  const node = fetchNode(version);
  if (typeof node !== 'string') {
    console.log(`skipped node ${version}: ${node.reason}`);
    return SKIPPED;
  }
  const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
  const exact = stdout.trim();
  let code = 0;
  // Another version may be at it at the same time.
  const report = join(CACHE, `tests-${version}.json`);
  rmSync(report, { force: true });
  for (const { name, args, minutes, from = 0, hasTable = false } of stepsWith(report)) {
    if (Number.parseInt(exact.slice(1), 10) < from) continue;
    console.log(`-- node ${exact}: ${name}`);
    const ended = spawnSync(node, args, {
      env: { ...environment(node), ...(hasTable && SUMMARY) },
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: minutes * 60_000,
    });
    console.log(`${ended.status === 0 ? 'ok    ' : 'FAILED'} node ${exact}: ${name}${how(ended)}`);
    if (ended.status !== 0) code = FAILED;
  }
  if (existsSync(report)) tellCounts(countReport(report));
  return code;
}

/** The path of a binary that runs here, or why there is none. */
function fetchNode(version: string): string | { reason: string } {
  const folder = join(CACHE, version);
  const node = join(folder, 'node_modules', PACKAGE, 'bin', 'node');
  if (!existsSync(node)) {
    mkdirSync(folder, { recursive: true });
    const options = '--no-save --no-package-lock --no-audit --no-fund --silent --prefix'.split(' ');
    const ended = spawnSync('npm', ['install', ...options, folder, `${PACKAGE}@${version}`], {
      stdio: 'ignore',
      timeout: 300_000,
    });
    if (ended.status !== 0) {
      rmSync(folder, { recursive: true, force: true });
      return { reason: `npm install ${PACKAGE}@${version} failed${how(ended)}` };
    }
  }
  const ended = spawnSync(node, ['--version']);
  return ended.status === 0 ? node : { reason: `${node} does not run here${how(ended)}` };
}

/** First on PATH, for tests that start `node`; and no orders for the run that this one is a part of. */
function environment(node: string): NodeJS.ProcessEnv {
  const {
    NETLOOM_TEST_REPORT,
    NETLOOM_COUNTS,
    NETLOOM_SUMMARY,
    NETLOOM_FULL,
    NETLOOM_TEARDOWN_REPEATS,
    ...env
  } = process.env;
  return { ...env, PATH: [dirname(node), env.PATH].join(delimiter) };
}

function how({ status, signal, error }: SpawnSyncReturns<unknown>): string {
  if (status === 0) return '';
  return `: ${error?.message ?? signal ?? `exit code ${status}`}`;
}
