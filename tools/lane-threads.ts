/**
 * `pnpm exec tsx tools/lane-threads.ts [OPERATIONS [SEED]]`: ThreadSanitizer over the process table, the blocking calls, the
 * reactor and native/sys, in a C++ program without Node (packages/winsock-native/test/native).
 *
 * First it must find the faults that FAULTS plants in copies of the sources; then the sources as they are run for OPERATIONS
 * (150,000; 1,000,000 where NETLOOM_FULL is set) without a report.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { tellCounts } from './counts.mjs';
import {
  build,
  type Fault,
  FLAGS,
  libraryOf,
  NATIVE,
  plant,
  ROOM,
  skip,
  sourcesOf,
} from './native-compiler.js';

/** Each is one line of defence taken out; `from` stands in its file once. */
const FAULTS: readonly (Fault & { readonly name: string })[] = [
  {
    name: 'a call does not ask for its generation',
    file: 'process-table.h',
    from: 'if (generation != 0 && generationOf(word) != generation) return Entered::stale;',
    to: '',
  },
  {
    name: 'closing does not wait for calls in progress',
    file: 'process-table.cc',
    from: 'row->owner.store(0);\n    detach(row, s, generationOf(word));',
    to: 'row->owner.store(0);\n    detach(row, s, generationOf(word));\n    sys::close(s);',
  },
  {
    name: 'an owned socket can be taken',
    file: 'process-table.cc',
    from: 'if (isClosing(row) || (row->flags.load() & kHeldBySocket)) return false;',
    to: 'if (isClosing(row)) return false;',
  },
  {
    name: 'waiters are added without the mutex',
    file: 'process-table.cc',
    from: 'const std::lock_guard<std::mutex> lock(mutex);\n  if (isClosing(row)) return false;\n  waiter->next',
    to: 'if (isClosing(row)) return false;\n  waiter->next',
  },
  {
    name: 'a reactor that ends stays in its rows',
    file: 'reactor/epoll.cc',
    from: 'hook_ = hook;\n    detachFromRows();',
    to: 'hook_ = hook;',
  },
  {
    name: 'nobody tells a reactor that a socket closes',
    file: 'reactor/epoll.cc',
    from: 'closed_.push_back({s, generation, slot});',
    to: '',
  },
  {
    name: 'a reactor ends while its thread still runs',
    file: 'reactor/ready-thread.cc',
    from: '::pthread_join(thread_, nullptr);',
    to: '::pthread_detach(thread_);',
  },
];

const COMPILER = process.env.CXX || 'g++';
const FOLDER = join(ROOM, 'build', 'threads');
const RIGHT = 'handles';
const TESTS = join(ROOM, 'test', 'native');
const WITH = ['-fsanitize=thread', '-g', '-O1'];
/** Not in the program: what needs JavaScript's own objects. */
const LEFT_OUT = /\/(addon|constants|option-codecs|tcp-info|libc|bind\/resolver)\.cc$/;
/** Operations within which a planted fault shows; most do within a few thousand. */
const ENOUGH = 400_000;
const MINUTES = 15;
/** The sanitizer's map of memory does not suit every kernel's random addresses; where these cannot be had, it may. */
const STILL = spawnSync('setarch', ['-R', 'true']).status === 0 ? ['setarch', '-R'] : [];

if (process.platform !== 'linux') skip('the program of test/native is for Linux');
if (libraryOf(COMPILER, 'libtsan.so') === undefined) skip(`${COMPILER} has no ThreadSanitizer`);

const operations = process.argv[2] ?? (process.env.NETLOOM_FULL ? '1000000' : '150000');
const seed = process.argv[3] ?? String(Date.now() % 2 ** 32);

const missed: string[] = [];
for (const { name, ...fault } of FAULTS) {
  const { include, sources } = plant(FOLDER, fault);
  const { code, what } = run(await compile(include, sources, 'wrong'), String(ENOUGH), seed);
  console.log(`${code === 0 ? 'MISSED' : 'found '} ${name}: ${what}`);
  if (code === 0) missed.push(name);
}
const { code, what } = run(await compile(NATIVE, sourcesOf(), RIGHT), operations, seed);
console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${operations} operations, seed ${seed}: ${what}`);
const failed = missed.length + (code === 0 ? 0 : 1);
tellCounts({ passed: FAULTS.length + 1 - failed, failed, skipped: 0 });
if (code !== 0 || missed.length > 0) process.exitCode = 1;

function compile(include: string, sources: readonly string[], result: string): Promise<string> {
  const tests = ['fake-node.cc', 'handles.cc'].map((file) => join(TESTS, file));
  return build({
    compiler: COMPILER,
    // The addon looks libuv's functions up by name, so the program has to show its own.
    flags: [...FLAGS, '-fvisibility=default', ...WITH, `-I${include}`],
    sources: [...sources.filter((source) => !LEFT_OUT.test(source)), ...tests],
    folder: FOLDER,
    link: ['-fsanitize=thread', '-rdynamic', '-pthread', '-ldl'],
    result,
  });
}

/** Its exit code, and the line that says most. */
function run(program: string, count: string, from: string): { code: number; what: string } {
  const [command = program, ...args] = [...STILL, program, count, from];
  const ended = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: MINUTES * 60_000,
    maxBuffer: 1 << 28,
    env: { ...process.env, TSAN_OPTIONS: 'exitcode=0' },
  });
  const { stdout } = ended;
  const stderr = ended.stderr
    .split(/^={18}$/m)
    .filter((part) => !isStaleNumber(part))
    .join('');
  const report = /VIOLATED.*|WARNING: ThreadSanitizer.*|FATAL: ThreadSanitizer.*/.exec(stderr)?.[0];
  const summary = /^SUMMARY.*/m.exec(stderr)?.[0];
  if (ended.status === 0 && report === undefined)
    return { code: 0, what: stdout.trim().split('\n').slice(1).join(', ') };
  if (report === undefined) console.log(stderr);
  else if (program.endsWith(RIGHT)) console.log(stderr.slice(0, 20_000));
  return {
    code: ended.status || 1,
    what: summary ?? report ?? ended.error?.message ?? `signal ${ended.signal}`,
  };
}

/**
 * A thread that calls by a number which is somebody else's by now, as C allows: the sanitizer sees two threads that use one
 * descriptor without agreeing on it, which is so. Whose bytes come is the model's to judge. Memory is never a part of it.
 */
function isStaleNumber(report: string): boolean {
  const isDescriptor = /^ {2}Location is file descriptor/m.test(report);
  return isDescriptor && /#\d+ (Actor::)?(receiveWaiting|look)\b/.test(report);
}
