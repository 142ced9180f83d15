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
const OF_A_UNIX = 'uses what only Unix has: sh, prlimit, ulimit, Unix datagrams';
const LINKS = 'makes a symbolic link, which Wine shows as what it leads to';
const PATHS = 'expects a path without a drive';

const TWICE =
  "seen with two copies of the fixture's module under Vitest there; not looked into further";
const FROM_ELSEWHERE = 'takes a descriptor from Node, which has none to give on Windows';
const TRACED_PROGRAM = 'the program that is traced asks for TCP_INFO, which Windows has not';

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
    because:
      'the long lane runs the matrix by itself, with few repeats: a process takes half a second to start under Wine',
  },
  {
    files: 'packages/threadpool/test/{ledger,model}.test.ts',
    because:
      'random runs that start hundreds of threads: minutes under Wine, and the same JavaScript',
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
  {
    file: 'threadpool/test/lost-threads.test.ts',
    test: /ends under its task is given nothing more/,
    because: KERNELS_LISTS,
  },
  {
    file: 'threadpool/test/lost-threads.test.ts',
    test: /a thread that does not start/,
    because: PATHS,
  },
  {
    file: 'threadpool/test/crossing.test.ts',
    test: /arrives as that class|as a plain value crosses/,
    because: TWICE,
  },
  {
    file: 'coroutines/test/switch-of-threads.test.ts',
    test: /foreground\(\)|over there|under another name|on this very thread/,
    because: TWICE,
  },
  {
    file: 'winsock-native/test/system-agreement.test.ts',
    test: /a number that no row has/,
    because: "every number is one of Windows' own already",
  },
  {
    file: 'winsock-native/src/reactor.test.ts',
    test: /that the addon refuses/,
    because: 'plays the addon with an error number of Linux',
  },
  {
    file: 'winsock-native/src/socket.test.ts',
    test: /IPv6 and Unix streams/,
    because: "abstract names are Linux', and Wine has no Unix sockets at all",
  },
  {
    file: 'winsock-native/src/socket.test.ts',
    test: /who the kernel connected to|under way would block|after a refusal too|10057 if never connected/,
    because:
      "what Wine's sockets do otherwise: the table in docs/platforms.md, and a connect that ends at once",
  },
  {
    file: 'winsock-native/src/socket.test.ts',
    test: /^Socket closes once|discard closes what nobody took/,
    because: KERNELS_LISTS,
  },
  {
    file: 'winsock-native/src/socket.test.ts',
    test: /refuses what is not open|in use says which|where MSG_TRUNC asks|in no row/,
    because: 'numbers, flags or options of Linux; not open and no socket are one code, 10038',
  },
  {
    file: 'winsock-native/src/tcp-info.test.ts',
    test: /it can only be read/,
    because: 'Windows has no TCP_INFO',
  },
  { file: 'winsock-native/test/trace/trace.test.ts', test: /./, because: TRACED_PROGRAM },
  {
    file: 'winsock-native/test/reactor/reactor.test.ts',
    test: /without descriptors left/,
    because: OF_A_UNIX,
  },
  {
    file: 'winsock-native/test/blocking/blocking.test.mjs',
    test: /of a send that has moved some bytes/,
    because: TAKES_ALL,
  },
  {
    file: 'winsock-native/test/blocking/blocking.test.mjs',
    test: /blocking descriptor from elsewhere/,
    because: FROM_ELSEWHERE,
  },
  {
    file: 'winsock-native/test/blocking/blocking.test.mjs',
    test: /^closing a socket that lingers/,
    because: "closesocket does not wait for SO_LINGER's time there: docs/platforms.md",
  },
  {
    file: 'winsock-native/test/blocking/closing.test.mjs',
    test: /from elsewhere/,
    because: FROM_ELSEWHERE,
  },
  {
    file: 'winsock-native/test/blocking/kernel.test.mjs',
    test: /^a reset after a part was moved|^a connection that was made and then reset/,
    because: 'a reset takes the unread bytes with it, comes again, or reaches the sender later',
  },
  {
    file: 'winsock-native/test/blocking/kernel.test.mjs',
    test: /before now|too many microseconds/,
    because: 'gives the bytes of a timeval, where the option is a DWORD',
  },
  {
    file: 'winsock-native/test/blocking/kernel.test.mjs',
    test: /Unix datagram queue|RLIMIT_NOFILE/,
    because: OF_A_UNIX,
  },
];
