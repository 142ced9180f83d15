/**
 * `pnpm exec tsx tools/lane-address.ts [FILE ...]`: AddressSanitizer, UndefinedBehaviorSanitizer and LeakSanitizer over the
 * addon inside Node: its tests, all of them where NETLOOM_FULL is set or the files named, otherwise those of SHORT.
 *
 * Node itself is not built with them; their runtime is preloaded. A report is a failure wherever it was made, also in a child
 * whose output nobody reads: each process writes a file of its own.
 *
 * Leaks: V8 keeps pointers where the sanitizer does not look, so that Node "leaks" at every exit. Counted is what the addon
 * itself has allocated: the first frame outside the allocator lies in its binary, or in one that is unloaded by then, and
 * no other is. That the lane sees a leak, an overflow and undefined arithmetic is tried first, with faults planted in a copy.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { countReport, tellCounts } from './counts.mjs';
import { build, FLAGS, libraryOf, plant, ROOM, skip, sourcesOf } from './native-compiler.js';

/** Every file of native/ is reached by these, the ends of an environment included. */
const SHORT = ['test/contract', 'test/reactor', 'test/threads.test.ts', 'test/hostile'];

/** A function that a test of the lane calls, and what must be reported of it. */
const FAULTS = {
  leak: {
    body: 'int* volatile lost = new int[100]; if (lost) lost = nullptr;',
    finds: /leak of 400 byte/,
  },
  overflow: {
    body: 'int* volatile cells = new int[4]; int* all = cells; all[4] = 1; delete[] all;',
    finds: /heap-buffer-overflow/,
  },
  arithmetic: {
    body: 'volatile int most = 2147483647; most = most + 1;',
    finds: /AddressSanitizer: ILL/,
  },
};

const COMPILER = process.env.CXX || 'g++';
/** Not vptr: it looks at memory through a pipe, and reports falsely where a test has used up all descriptors. */
const SANITIZERS = [
  '-fsanitize=address,undefined,float-cast-overflow,float-divide-by-zero',
  '-fno-sanitize=vptr',
  // The other runtime ignores where reports shall go; a trap is reported by the address sanitizer's, with its place.
  '-fsanitize-undefined-trap-on-error',
];
/** A frame of the addon: its source, or its binary where that has no line. */
const OURS = /winsock-native\/(native|build)\/|(winsock_native|planted)\.node|<unknown module>/;
const FOLDER = join(ROOM, 'build', 'address');
const REPORTS = join(FOLDER, 'reports');
const COUNTED = join(FOLDER, 'tests.json');
const PRELOAD = fileURLToPath(new URL('./use-addon.cjs', import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MINUTES = process.env.NETLOOM_FULL ? 90 : 15;

if (process.platform !== 'linux') skip('the runtime is preloaded as on Linux');
const runtime = libraryOf(COMPILER, 'libasan.so') ?? skip(`${COMPILER} has no libasan.so`);

const before = await findsWhatIsPlanted();
console.log(
  `${before ? 'ok    ' : 'FAILED'} a leak, an overflow and an arithmetic fault were planted and reported`,
);

const addon = await compile(sourcesOf(), 'winsock_native.node');
const files = process.argv.slice(2);
const wanted = files.length > 0 ? files : process.env.NETLOOM_FULL ? [] : SHORT;
const args = ['node_modules/vitest/vitest.mjs', 'run', '--project', '@netloom/winsock-native'];
const outputs = ['--reporter=dot', '--reporter=json', `--outputFile.json=${COUNTED}`];
rmSync(COUNTED, { force: true });
const ended = start([...args, ...outputs, ...wanted], addon, 'inherit');
const reports = readReports();
for (const report of reports) console.log(report);
const isRight = before && ended.status === 0 && reports.length === 0;
console.log(
  `${isRight ? 'ok    ' : 'FAILED'} ${reports.length} reports, tests ended with ${ended.status ?? ended.signal}`,
);
if (existsSync(COUNTED)) tellCounts(countReport(COUNTED));
if (!isRight) process.exitCode = 1;

function compile(sources: readonly string[], result: string): Promise<string> {
  return build({
    compiler: COMPILER,
    flags: [...FLAGS, ...SANITIZERS, '-fno-omit-frame-pointer', '-g', '-O1'],
    sources,
    folder: FOLDER,
    link: ['-shared', '-fsanitize=address', '-pthread'],
    result,
  });
}

/** Runs Node with the sanitizer's runtime and that addon. */
function start(node: readonly string[], path: string, stdio: 'inherit' | 'pipe') {
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  const { NETLOOM_TEST_REPORT, NETLOOM_COUNTS, NETLOOM_SUMMARY, ...rest } = process.env;
  return spawnSync(process.execPath, node, {
    cwd: ROOT,
    stdio: ['ignore', stdio, stdio],
    timeout: MINUTES * 60_000,
    env: {
      ...rest,
      NO_COLOR: '1',
      // A life takes several times as long here.
      NETLOOM_TEARDOWN_REPEATS: '4',
      NETLOOM_ADDON: path,
      NODE_OPTIONS: `--require ${PRELOAD}`,
      LD_PRELOAD: runtime,
      // 2: kept, although Node takes all handlers of signals away when it starts.
      ASAN_OPTIONS: `detect_leaks=1:handle_sigill=2:log_path=${REPORTS}/process`,
      // Node's own would fail every test that looks at an exit code.
      LSAN_OPTIONS: 'exitcode=0:print_suppressions=0',
    },
  });
}

/** What concerns us of all that was reported. */
function readReports(): string[] {
  return readdirSync(REPORTS)
    .map((name) => readFileSync(join(REPORTS, name), 'utf8'))
    .flatMap((text) => (text.includes('ERROR: LeakSanitizer') ? leaksOfOurs(text) : [text]));
}

function leaksOfOurs(text: string): string[] {
  return text.split('\n\n').filter((block) => {
    if (!/^(Direct|Indirect) leak of/m.test(block)) return false;
    const frames = block.split('\n').filter((line) => /^\s+#\d/.test(line));
    const first = frames.find((line) => !/libsanitizer|libasan|libstdc\+\+/.test(line));
    return first !== undefined && OURS.test(first);
  });
}

/** Whether each fault, planted in `threadId` of a copy, is seen when a program calls that. */
async function findsWhatIsPlanted(): Promise<boolean> {
  const from = 'return call.give(static_cast<int64_t>(sys::threadId()));';
  const branches = Object.values(FAULTS).map(
    ({ body }, i) => `if (call.int32(0) == ${i + 1}) { ${body} }\n`,
  );
  const to = `${branches.join('')}${from}`;
  const { sources } = plant(FOLDER, { file: 'bind/lifecycle.cc', from, to });
  const program = await compile(sources, 'planted.node');
  return Object.entries(FAULTS).every(([name, { finds }], i) => {
    const script = `const m = { exports: {} }; process.dlopen(m, '/winsock_native.node'); m.exports.threadId(${i + 1});`;
    start(['-e', script], program, 'pipe');
    const seen = readReports().some((report) => finds.test(report));
    if (!seen) console.log(`MISSED ${name}`);
    return seen;
  });
}
