/**
 * Loads the addon and types its boundary; the only cast from unknown, and the only file that loads anything.
 *
 * Conventions of the boundary: a handle is the kernel's number; `generation` (a uint32 that is never 0) names one life of
 * that number in the process table. Calls named `try…` and `sock…` are the owned `Socket`'s: they take handle and
 * generation, need no WSAStartup, never block, and return a value >= 0 or the system's error number negated
 * (-104 = ECONNRESET on Linux). Calls under a C name are the C surface: they return what C returns and leave a Winsock code
 * in this thread's last error. Argument types were checked in TypeScript before; the addon checks lengths against views.
 */
import { closeSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { tracedIfAsked } from './trace/binding.js';

/** Bytes in memory: any view; its own offset and length are the room there is. */
export type View = ArrayBufferView;

export interface Binding {
  /** Name to number, of every constant in native/constants.def that this system's headers have. */
  readonly constants: Readonly<Record<string, number>>;

  // --- errors: per-environment last error, and the one translation of system numbers
  lastError(): number;
  setLastError(code: number): void;
  /** System error number (positive, 104) to Winsock's code (10054); twin of sys.h's toWsa. */
  wsaFromSystem(errno: number): number;

  // --- start-up: counted per process
  startup(version: number): { code: number; version: number; highVersion: number };
  cleanup(): number;
  threadId(): number;

  // --- the C surface. `hasAddr`/room arguments: a view, and the length C would be given; lengths out come back in `out[0]`
  socket(af: number, type: number, protocol: number): number;
  bind(s: number, name: View, namelen: number): number;
  listen(s: number, backlog: number): number;
  /** addr may be null (C's NULL); `out[0]`: in the room given, out the true length. Blocks unless the socket is non-blocking. */
  accept(s: number, addr: View | null, out: Int32Array): number;
  connect(s: number, name: View, namelen: number): number;
  send(s: number, buf: View, len: number, flags: number): number;
  recv(s: number, buf: View, len: number, flags: number): number;
  sendto(s: number, buf: View, len: number, flags: number, to: View | null, tolen: number): number;
  recvfrom(
    s: number,
    buf: View,
    len: number,
    flags: number,
    from: View | null,
    out: Int32Array,
  ): number;
  /**
   * `views` are msg_iov; `lengths`: of each view, then of the name, then of the control bytes. More than 1024 views: 10040.
   */
  sendmsg(
    s: number,
    name: View | null,
    views: readonly View[],
    lengths: Float64Array,
    control: View | null,
    flags: number,
  ): number;
  /** As sendmsg; out: the name's length, the control bytes' length, msg_flags. Descriptors that came have their rows. */
  recvmsg(
    s: number,
    name: View | null,
    views: readonly View[],
    lengths: Float64Array,
    control: View | null,
    flags: number,
    out: Int32Array,
  ): number;
  /** out: the two handles. */
  socketpair(af: number, type: number, protocol: number, out: Int32Array): number;
  shutdown(s: number, how: number): number;
  closesocket(s: number): number;
  getsockname(s: number, name: View, out: Int32Array): number;
  getpeername(s: number, name: View, out: Int32Array): number;
  setsockopt(s: number, level: number, name: number, value: View | null, len: number): number;
  getsockopt(s: number, level: number, name: number, value: View, out: Int32Array): number;
  /** argument in and out in `out[0]` (as unsigned 32 bits). */
  ioctlsocket(s: number, cmd: number, out: Int32Array): number;
  /** Each set: Int32Array-like of handles, count first ([n, h1, h2 …]), rewritten in place to what is ready. timeoutMs -1: for ever; fractions allowed. */
  select(
    read: Float64Array | null,
    write: Float64Array | null,
    except: Float64Array | null,
    timeoutMs: number,
  ): number;
  /** [fd, events, revents] triples, revents written in place. */
  poll(fds: Float64Array, count: number, timeoutMs: number): number;

  // --- owned sockets: set-up (not hot). Result >= 0 or -errno
  sockCreate(af: number, type: number, protocol: number, out: Uint32Array): number; // handle; out[0] = generation
  /** out: handle and generation, twice. */
  sockPair(af: number, type: number, protocol: number, out: Uint32Array): number;
  /** Takes an unowned or this environment's C-surface handle into ownership: out[0] = generation, out[1] = family. -EBUSY when a Socket holds it. expectedGeneration 0: any. */
  sockAdopt(handle: number, expectedGeneration: number, out: Uint32Array): number;
  /** Notes that the number is known outside of our own code from now on, so that there may be duplicates of it. */
  sockTold(handle: number, generation: number): number;
  /** Makes the row ownerless (intoRaw). */
  sockRelease(handle: number, generation: number): number;
  /** Closes an ownerless row of this generation; 0 also when it is gone already or owned (discard of a task that did not run). */
  sockDiscard(handle: number, generation: number): number;
  sockBind(handle: number, generation: number, name: View, namelen: number): number;
  sockListen(handle: number, generation: number, backlog: number): number;
  sockConnect(handle: number, generation: number, name: View, namelen: number): number; // -EINPROGRESS: wait
  sockError(handle: number, generation: number): number; // SO_ERROR as a positive system number, 0 none, or -errno of the call
  sockShutdown(handle: number, generation: number, how: number): number;
  sockClose(handle: number, generation: number): number;
  sockName(handle: number, generation: number, peer: boolean, name: Uint8Array): number; // length
  sockSetOption(
    handle: number,
    generation: number,
    level: number,
    name: number,
    value: View,
  ): number;
  sockGetOption(
    handle: number,
    generation: number,
    level: number,
    name: number,
    value: View,
  ): number; // length

  // --- hot: raw N-API, no allocation
  tryRecv(handle: number, generation: number, into: Uint8Array, flags: number): number;
  trySend(handle: number, generation: number, from: Uint8Array, flags: number): number;
  /** New handle or -errno; `name` gets the peer (128 bytes of room), out[0] = generation, out[1] = length of name, out[2] = family. */
  tryAccept(handle: number, generation: number, name: Uint8Array, out: Uint32Array): number;

  // --- gathering, scattering, descriptors and files; owned, never blocking
  /** One sendmsg of the first 1024 views at most; `control`: packed descriptors, or null. */
  trySendParts(
    handle: number,
    generation: number,
    views: readonly View[],
    control: View | null,
    flags: number,
  ): number;
  /**
   * One recvmsg into at most 1024 views. out[0] = how many descriptors came, out[1] = length of the control bytes, out[2] = the
   * message's flags; from out[3] on number, generation (0: no socket, and nobody's yet) and family of each.
   */
  tryRecvParts(
    handle: number,
    generation: number,
    views: readonly View[],
    control: View | null,
    flags: number,
    out: Uint32Array,
  ): number;
  /** Bytes of an open file from `offset` on, at most `length` (from 1 on); 0 at its end. */
  trySendFile(
    handle: number,
    generation: number,
    file: number,
    offset: number,
    length: number,
  ): number;
  /** How control bytes lie here: bytes of a header's length, where data begin, alignment. */
  readonly controlLayout: readonly [lengthBytes: number, dataAt: number, alignment: number];

  // --- the reactor of this environment
  /**
   * Opens it on first use and returns the batch: pairs [slot, events] that `deliver(count)` finds there. `deliver` is
   * called once per batch inside a callback scope. -errno where it cannot be opened; the next call tries again. `withoutLoop`:
   * the runtime's libuv cannot be called.
   */
  reactorOpen(deliver: (count: number) => void, withoutLoop: boolean): Int32Array | number;
  /** Watches edge-triggered, for EVENT_READ and with it in `events` also for EVENT_WRITE; events carry `slot`. 0 or -errno. */
  reactorAdd(handle: number, generation: number, slot: number, events: number): number;
  /** Whether this system's reactor reports a direction (EVENT_READ, EVENT_WRITE) only once after each `reactorArm`. */
  readonly reactorMustArm: boolean;
  /** Where not `reactorMustArm`: EVENT_WRITE is reported from now on. 0 or -errno. */
  reactorArm(slot: number, generation: number, events: number): number;
  /** `closesNow`: the owner closes the socket next, by `sockClose`. */
  reactorRemove(handle: number, generation: number, closesNow: boolean): number;
  /** Whether the reactor keeps the event loop alive. */
  reactorRef(isWaiting: boolean): void;

  // --- looking up names, on threads of the process. All but resolverOpen only after it
  /** The number of a descriptor that can be read when there are answers; owned by whoever adopts it. -errno; once. */
  resolverOpen(): number;
  /** Asks for the addresses of `host` and `service`, UTF-8 (empty: none). The question's number, or -errno. */
  resolverAddresses(host: Uint8Array, service: Uint8Array, family: number, flags: number): number;
  /** Asks for the names of an address. The question's number, or -errno. */
  resolverNames(name: Uint8Array, flags: number): number;
  /**
   * The next answer: number, 0 or Winsock's code, host or canonical name, service, and the addresses in 28 bytes each.
   * Undefined: no more for now, and the descriptor will tell.
   */
  resolverTake():
    | [id: number, code: number, host: string, service: string, addresses: Uint8Array]
    | undefined;
  /** Nobody wants the answer any more. */
  resolverCancel(id: number): void;

  /** C structures of socket options: an object to the compiler's own bytes, and back. Missing fields are 0. */
  readonly optionCodecs: {
    readonly linger: {
      pack(value: { l_onoff: number; l_linger: number }): Uint8Array;
      unpack(bytes: View): { l_onoff: number; l_linger: number };
    };
    readonly timeval: {
      pack(value: { tv_sec: number; tv_usec: number }): Uint8Array;
      unpack(bytes: View): { tv_sec: number; tv_usec: number };
    };
  };

  /** libc's own functions, for comparison in tests; absent in release builds of systems without them. */
  readonly libc: {
    inet_pton(af: number, text: string, out: Uint8Array): number;
    inet_ntop(af: number, bytes: Uint8Array): string | null;
    inet_aton(text: string, out: Uint8Array): number;
    inet_addr(text: string): number;
    inet_ntoa(bytes: Uint8Array): string;
    /** sizeof and offsets of the C structures, for the contract test of sockaddr's layout. */
    readonly layouts: Readonly<Record<string, Readonly<Record<string, number>>>>;
  };
}

/** Linkers put the name of a program's loader (elf(5), PT_INTERP) right behind its headers. */
const HEADERS_BYTES = 2048;

/**
 * Which C library this process runs with, where it is musl's. node-gyp-build takes every Linux for glibc's that is not
 * Alpine; but what counts is the program, which names its loader. (Its mappings need not: the name may be a link.)
 */
function isMusl(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const program = openSync('/proc/self/exe', 'r');
    try {
      const headers = Buffer.alloc(HEADERS_BYTES);
      readSync(program, headers);
      return headers.includes('/ld-musl-');
    } finally {
      closeSync(program);
    }
  } catch {
    return false; // no /proc: node-gyp-build's own guess stands
  }
}

function load(): Binding {
  const require = createRequire(import.meta.url);
  const libc = process.env.LIBC;
  // Read once, when node-gyp-build is loaded.
  if (libc === undefined && isMusl()) process.env.LIBC = 'musl';
  // SAFETY: node-gyp-build has no types; it takes a package root and returns the addon's exports, which the contract
  // tests hold against Binding.
  const find = require('node-gyp-build') as (packageRoot: string) => Binding;
  if (libc === undefined) delete process.env.LIBC;
  try {
    // dist/ and src/ both lie one level below the package root.
    return find(fileURLToPath(new URL('..', import.meta.url)));
  } catch (cause) {
    throw new Error(
      `@netloom/winsock-native has no binary for ${process.platform}-${process.arch}; ` +
        'build one with: npx winsock-native-build (needs a C++17 compiler)',
      { cause },
    );
  }
}

/** The addon; where NETLOOM_TRACE_CALLS is set, with every call recorded. */
export const native: Binding = tracedIfAsked(load());
