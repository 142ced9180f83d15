/**
 * Where the packages' own tests (`vitest`) cannot say on Windows, under Wine, what they say on Linux, and why.
 *
 * What differs in the contract of the C surface is not here but in the cases themselves: `bySystem`.
 */

/** A test that fails there. */
export interface Difference {
  /** Below `packages/`. */
  readonly file: string;
  /** Against the test's full name. */
  readonly test: RegExp;
  readonly because: string;
  /** Not in every run. */
  readonly sometimes?: true;
}

const TAKES_ALL =
  'fills a send buffer with one large send, and Windows takes all of that: nothing has to wait';
const KERNELS_LISTS = "asks the kernel's own lists in /proc, which under Wine are those of Wine";
const OF_A_UNIX = 'uses a program or a limit of Unix: sh, prlimit, ulimit';
const LINKS = 'makes a symbolic link, which Wine shows as what it leads to';
const PATHS = 'expects a path without a drive';

/** Files that have nothing to say there. */
export const LEFT_OUT: readonly { readonly files: string; readonly because: string }[] = [
  { files: '**/node_modules/**', because: 'no tests of ours' },
  {
    files: 'packages/coroutines/test/{browser,builds,compilers}.test.ts',
    because: 'compilers and bundlers run where the sources are built',
  },
  {
    files: 'packages/winsock-native/test/{contract,reactor}/*.test.mjs',
    because: 'the lane runs them by themselves, with node:test',
  },
  {
    files: 'packages/winsock-native/test/teardown/**',
    because: 'hours under Wine, where a process takes half a second to start',
  },
];

export const DIFFERENCES: readonly Difference[] = [
  {
    file: 'client/src/connect.test.ts',
    test: /waits on where the wake-up came before the answer/,
    because: 'a uv_poll tells a second time what is still true, where an edge comes once',
  },
  {
    file: 'connection/src/receive.test.ts',
    test: /fails with EINTR when .* under it, both directions/,
    because: TAKES_ALL,
  },
  {
    file: 'connection/src/send.test.ts',
    test: /sends all of it, waiting|is stopped half-way|fails with ETIMEDOUT|gives a second sender|fails when the peer resets|ends a send that waits/,
    because: TAKES_ALL,
  },
  { file: 'server/test/timeouts.test.ts', test: /^a connection of /, because: TAKES_ALL },
  { file: 'server/test/drain.test.ts', test: /leaves no descriptor/, because: KERNELS_LISTS },
  { file: 'server/test/exchange.test.ts', test: /list of the kernel/, because: KERNELS_LISTS },
  {
    file: 'server/test/faults.test.ts',
    test: /a thread that dies|a listening socket that is broken/,
    because: KERNELS_LISTS,
  },
  { file: 'server/test/faults.test.ts', test: /^out of descriptors/, because: OF_A_UNIX },
  {
    file: 'server/test/start.test.ts',
    test: /share a port/,
    because: 'there is no SO_REUSEPORT, and the option says so',
  },
  { file: 'server/src/options.test.ts', test: /named by a link/, because: LINKS },
  { file: 'server/src/options.test.ts', test: /absolute path/, because: PATHS },
  { file: 'threadpool/test/process.test.ts', test: /through a link/, because: LINKS },
];
