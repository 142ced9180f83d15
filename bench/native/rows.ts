/**
 * What `pnpm bench native` measures: the cells, and in each the rows beside C.
 */

export interface NativeCell {
  readonly name: string;
  /** How many operations a round has. */
  readonly count: number;
  readonly rows: readonly NativeRow[];
  /** Descriptors that each program needs beyond a few. */
  readonly descriptors?: number;
}

export interface NativeRow {
  readonly name: string;
  /** The program that `build.ts` made, and its arguments. */
  readonly program: string;
  readonly args?: readonly number[];
  /** What it is asked for. */
  readonly operation: string;
  /** What is promised of it. */
  readonly promise?: Promise;
}

/** Median at most so much above C's; or so many times as fast as the row of that name. */
type Promise = { readonly aboveC: number } | { readonly times: number; readonly than: string };

/** Rows are compared with the one of this name. */
export const C = 'C';
const NODE = 'net.SocketAddress';
const AT_MOST = { aboveC: 300 };
const FASTER = { times: 3, than: NODE };

/** How many of the watched sockets get something, one after the other. */
const MOST_SPEAKERS = 1000;

export const NATIVE_CELLS: readonly NativeCell[] = [
  transfer('recv-idle', 'tryRecv', 'recv'),
  transfer('recv-full', 'tryRecv', 'recv'),
  transfer('send', 'trySend', 'send'),
  ...[1, 100, 10_000].map(wake),
  address('inet_pton-4', 'pton4', 'inet_pton', 'node4'),
  address('inet_pton-6', 'pton6', 'inet_pton', 'node6'),
  address('inet_ntop-4', 'ntop4', 'inet_ntop', 'node4'),
  address('inet_ntop-6', 'ntop6', 'inet_ntop', 'node6'),
  address('sockaddr_in', 'sockaddr', 'SockaddrIn', 'node-sockaddr'),
];

function transfer(name: string, method: string, call: string): NativeCell {
  const program = 'native/transfer.js';
  return {
    name,
    count: 20_480,
    rows: [
      { name: C, program: 'native-calls', operation: name },
      { name: `Socket.${method}`, program, operation: name, promise: AT_MOST },
      { name: `${call}()`, program, operation: `c-${name}`, promise: AT_MOST },
    ],
  };
}

function wake(watched: number): NativeCell {
  const args = [watched, Math.min(watched, MOST_SPEAKERS)];
  return {
    name: `wake-${watched}`,
    count: 5000,
    descriptors: watched + Math.min(watched, MOST_SPEAKERS),
    rows: [
      { name: C, program: 'native-wake', args, operation: 'wake' },
      { name: 'Watch.wait', program: 'native/wake.js', args, operation: 'wake' },
    ],
  };
}

function address(name: string, operation: string, ours: string, nodes: string): NativeCell {
  const program = 'native/addresses.js';
  return {
    name,
    count: 100_000,
    rows: [
      { name: C, program: 'native-calls', operation },
      { name: ours, program, operation, promise: FASTER },
      { name: NODE, program, operation: nodes },
    ],
  };
}
