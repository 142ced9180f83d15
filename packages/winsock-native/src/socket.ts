/**
 * Socket: a handle with one owner, closed once, under idiomatic names that throw SocketError.
 *
 * Never blocks: what cannot be done at once answers WOULD_BLOCK, and waiting belongs to `reactor.ts` and the packages above.
 * Needs no WSAStartup. A handle leaves its owner by `intoRaw()` or by crossing to another thread, and the process table
 * knows each life of a number by its generation, so that a stale Socket never reaches a stranger's connection.
 */
import { inspect } from 'node:util';
import { AF_UNIX, type SockaddrLike, sockaddrFrom } from '@netloom/sockaddr';
import { checkInt, checkInt32Bits } from './arguments.js';
import {
  INVALID_SOCKET,
  MSG_CTRUNC,
  SCM_RIGHTS,
  SO_ERROR,
  SOCK_STREAM,
  SOL_SOCKET,
  SOMAXCONN,
} from './constants.js';
import { CMSG_LEN, descriptorBytes, packControl } from './control.js';
import { addonErrno } from './error-lookup.js';
import { type SOCKET, UNTOLD } from './handle.js';
import { native } from './native.js';
import type { linger } from './option-codecs.js';
import { optionRow } from './option-table.js';
import { decodeOption, encodeOption } from './options.js';
import {
  memoryOf,
  requireBacklog,
  requireInteger,
  type ShutdownHow,
  shutdownNumber,
} from './socket-arguments.js';
import { SocketError } from './socket-error.js';
import type { timeval } from './wait.js';

/** The answer of a call that would have to wait: less than any count. */
export const WOULD_BLOCK = -1;

/** Crossing to another thread: by shape and by the global symbols, so that no package has to know the other. */
const DEHYDRATE = Symbol.for('netloom.dehydrate');
const REVIVE = Symbol.for('netloom.revive');
const DISCARD = Symbol.for('netloom.discard');
const INSPECT = Symbol.for('nodejs.util.inspect.custom');

/** What the addon writes an address into: sizeof(sockaddr_storage), the same on every system. */
const nameRoom = Buffer.alloc(128);

/** What the addon writes beside a handle: generation, length of the name, family. */
const besides = new Uint32Array(3);

/** Room for an option that the table does not know; the largest that systems have (tcp_info) is smaller. */
const OPTION_ROOM = 512;

/** SCM_MAX_FD, the most that Linux carries in one message; others carry no more. */
const MOST_HANDLES = 253;

const EAGAIN = addonErrno('EAGAIN');
const EBADF = addonErrno('EBADF');
const EFAULT = addonErrno('EFAULT');
const EINPROGRESS = addonErrno('EINPROGRESS');
const ENOTCONN = addonErrno('ENOTCONN');
const ENOTSUP = addonErrno('ENOTSUP');
const EPIPE = addonErrno('EPIPE');

const WSAENOTCONN = 10057;
const WSAESHUTDOWN = 10058;
const WSAECONNRESET = 10054;

/** What crosses to another thread: the handle, which life of its number is meant, and whom it is connected to. */
export interface SocketData {
  readonly handle: number;
  readonly generation: number;
  /** The peer's structure, a character a byte: a short string crosses faster than memory. Left out: not known. */
  readonly peer?: string | undefined;
}

/** What came with bytes over a Unix socket; see `tryRecvHandles`. */
export interface ReceivedHandles {
  /** Bytes received, 0 at the end of the stream. */
  readonly byteCount: number;
  /** The sockets among the descriptors, in their order, owned by this thread from now on: close them. */
  readonly sockets: readonly Socket[];
  /** The others (files, pipes …): raw numbers, to be closed with `fs.closeSync`. */
  readonly descriptors: readonly number[];
  /** Whether more were sent than there was room for; the kernel has closed those. */
  readonly isCut: boolean;
}

/** What `setOption` takes. */
export type SocketOptionValue =
  | number
  | boolean
  | string
  | Readonly<linger>
  | Readonly<timeval>
  | ArrayBufferView;

/** Known in this file only: who has it has a handle that the addon has just put into this environment's ownership. */
const MADE_HERE = Symbol('Socket');

/** Where the handle went when it is no longer ours. */
type Absence = 'closed' | 'given away';

/**
 * An owned socket.
 *
 * Close it, or declare it with `using`. Idle, it does not keep the process alive. When the environment (process or worker)
 * ends, what it still owns is closed.
 *
 * @see socket(2) · winsock2 socket
 */
export class Socket implements Disposable {
  #handle: SOCKET;
  readonly #generation: number;
  readonly #family: number;
  #absence: Absence | undefined;
  /** Whether the number was given out, and the process table knows that. */
  #isTold = false;
  /**
   * The bytes of the peer's structure, a character each; the structure is made when somebody asks for it, and is his.
   *
   * HOT: of an accepted connection that is 32 bytes of heap, where the structure over its memory is 300.
   */
  #peerName: string | undefined;
  /** Where a connect that has begun is going; as bytes too, because the structure may change meanwhile. */
  #targetName: string | undefined;
  #hasShutSending = false;
  /** Whether it may have been connected; false only for one made here that never was. */
  #mayBeConnected: boolean;

  private constructor(
    made: typeof MADE_HERE,
    handle: number,
    generation: number,
    family: number,
    peerName: string | undefined,
    mayBeConnected: boolean,
  ) {
    if (made !== MADE_HERE) {
      throw new TypeError(
        'Socket cannot be made with new: use Socket.create(), Socket.fromRaw() or tryAccept()',
      );
    }
    // SAFETY: as MADE_HERE says.
    this.#handle = handle as SOCKET;
    this.#generation = generation;
    this.#family = family;
    this.#peerName = peerName;
    this.#mayBeConnected = mayBeConnected;
  }

  /**
   * Makes a socket.
   *
   * @param family - `AF_INET`, `AF_INET6`, `AF_UNIX` …
   * @param type - `SOCK_STREAM`, `SOCK_DGRAM` …
   * @param protocol - default 0: family and type decide
   * @throws {SocketError} EAFNOSUPPORT, EPROTONOSUPPORT, ESOCKTNOSUPPORT, EMFILE, ENFILE, EACCES (raw sockets)
   */
  static create(family: number, type: number, protocol = 0): Socket {
    checkInt('Socket.create', 'family', family);
    checkInt('Socket.create', 'type', type);
    checkInt('Socket.create', 'protocol', protocol);
    const handle = native.sockCreate(family, type, protocol, besides);
    if (handle < 0) throw new SocketError({ errno: handle, syscall: 'socket' });
    return new Socket(MADE_HERE, handle, besides[0] ?? 0, family, undefined, false);
  }

  /**
   * Makes two sockets that are connected to each other.
   *
   * @param family - default: AF_UNIX, the one that systems have
   * @param type - default: SOCK_STREAM
   * @throws {SocketError} ENOTSUP (Windows has no such call), EMFILE, ENFILE
   * @see socketpair(2)
   */
  static pair(family: number = AF_UNIX, type = SOCK_STREAM, protocol = 0): [Socket, Socket] {
    checkInt('Socket.pair', 'family', family);
    checkInt('Socket.pair', 'type', type);
    checkInt('Socket.pair', 'protocol', protocol);
    const out = new Uint32Array(4);
    const result = native.sockPair(family, type, protocol, out);
    if (result < 0) throw new SocketError({ errno: result, syscall: 'socketpair' });
    const end = (at: number) =>
      new Socket(MADE_HERE, out[at] ?? 0, out[at + 1] ?? 0, family, undefined, true);
    return [end(0), end(2)];
  }

  /**
   * Takes ownership of a raw handle: one from `socket()` or `accept()`, or one that `intoRaw()` gave away.
   *
   * A descriptor from outside is set to O_NONBLOCK, which it shares with its duplicates.
   *
   * @throws {SocketError} EBADF (not open), ENOTSOCK, EBUSY (another Socket owns it)
   */
  static fromRaw(handle: SOCKET): Socket {
    requireInteger('Socket.fromRaw', 'handle', handle);
    return Socket.#adopt(handle, 0, undefined);
  }

  static #adopt(handle: number, generation: number, peerName: string | undefined): Socket {
    const out = new Uint32Array(2);
    const result = native.sockAdopt(handle, generation, out);
    if (result < 0) throw new SocketError({ errno: result, syscall: 'fromRaw' });
    return new Socket(MADE_HERE, handle, out[0] ?? 0, out[1] ?? 0, peerName, true);
  }

  /** Takes over what another thread's Socket sent here. @internal */
  static [REVIVE](sent: SocketData): Socket {
    return Socket.#adopt(sent.handle, sent.generation, sent.peer);
  }

  /** Closes what was sent and nobody took; nothing when somebody owns it by now. @internal */
  static [DISCARD](sent: SocketData): void {
    native.sockDiscard(sent.handle, sent.generation);
  }

  /** Gives the handle to another thread; this Socket then refuses. @internal */
  [DEHYDRATE](): { module: string; exportName: string; data: SocketData } {
    // Its own class over there takes it: the number does not become known.
    const handle = this.#handle;
    this.#giveAway();
    return {
      module: import.meta.url,
      exportName: 'Socket',
      data: { handle, generation: this.#generation, peer: this.#peerName },
    };
  }

  /**
   * The kernel's number; INVALID_SOCKET after `close` and `intoRaw`.
   *
   * Who has it may duplicate it, by giving it to a child process for one: closing a watched socket whose number was asked
   * for costs a system call more.
   */
  get handle(): SOCKET {
    if (!this.#isTold && this.#absence === undefined) {
      this.#isTold = true;
      native.sockTold(this.#handle, this.#generation);
    }
    return this.#handle;
  }

  /** The number for this package's own use: nobody else learns it. @internal */
  get [UNTOLD](): SOCKET {
    return this.#handle;
  }

  /** Which life of the number this is, in the process table; never 0. */
  get generation(): number {
    return this.#generation;
  }

  /** The address family it was made with. */
  get family(): number {
    return this.#family;
  }

  /** Whether this object owns an open handle. */
  get isOpen(): boolean {
    return this.#absence === undefined;
  }

  /**
   * Gives the handle away; whoever takes it closes it. This Socket then refuses to be used.
   *
   * @throws {SocketError} EBADF (nothing to give), EBUSY (a `Watch` is open on it: close that first)
   */
  intoRaw(): SOCKET {
    const { handle } = this;
    this.#giveAway();
    return handle;
  }

  #giveAway(): void {
    this.#check('intoRaw', native.sockRelease(this.#handle, this.#generation));
    this.#leave('given away');
  }

  /**
   * Gives the socket its own address.
   *
   * @throws {SocketError} EADDRINUSE, EADDRNOTAVAIL, EACCES, EINVAL (bound already)
   * @see bind(2)
   */
  bind(address: SockaddrLike): void {
    const { bytes, length } = memoryOf('Socket.bind', address);
    const result = native.sockBind(this.#handle, this.#generation, bytes, length);
    this.#check('bind', result, address);
  }

  /**
   * Makes a bound socket passive.
   *
   * @param backlog - how many finished connections may wait, 0 to 65535 or SOMAXCONN, the default. Linux holds one more
   * @throws {SocketError} EADDRINUSE, EINVAL, EOPNOTSUPP (as ENOTSUP)
   * @see listen(2)
   */
  listen(backlog: number = SOMAXCONN): void {
    requireBacklog(backlog);
    this.#check('listen', native.sockListen(this.#handle, this.#generation, backlog));
  }

  /**
   * Begins to connect.
   *
   * @returns `undefined` when connected at once; WOULD_BLOCK: wait for 'write', then call `finishConnect()`
   * @throws {SocketError} ECONNREFUSED, EADDRNOTAVAIL, ENETUNREACH, EISCONN, EALREADY, EAGAIN (a Unix listener's queue is full)
   * @see connect(2)
   */
  tryConnect(address: SockaddrLike): undefined | typeof WOULD_BLOCK {
    const { bytes, length } = memoryOf('Socket.tryConnect', address);
    const result = native.sockConnect(this.#handle, this.#generation, bytes, length);
    if (result === EINPROGRESS) {
      this.#targetName = Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1');
      return WOULD_BLOCK;
    }
    this.#check('connect', result, address);
    this.#connected(this.#askForPeer());
    return undefined;
  }

  /**
   * Says how a connect that `tryConnect` began has ended; to be called when the socket is writable.
   *
   * @returns `undefined` when connected; WOULD_BLOCK: still under way, wait for 'write' again
   * @throws {SocketError} what the kernel says: ECONNREFUSED, ETIMEDOUT, ENETUNREACH …; ENOTCONN (this Socket has begun no
   *   connect, or its failure was told before)
   */
  finishConnect(): undefined | typeof WOULD_BLOCK {
    const error = native.sockError(this.#handle, this.#generation);
    // No error is also what the kernel says before the end: only who is connected has a peer.
    const result = error === 0 ? this.#askForPeer() : -Math.abs(error);
    if (result === ENOTCONN && error === 0 && this.#targetName !== undefined) return WOULD_BLOCK;
    const targetName = this.#targetName;
    this.#targetName = undefined;
    if (result < 0) {
      const target = targetName === undefined ? undefined : addressOf(targetName);
      throw this.#error('connect', result, target);
    }
    this.#connected(result);
    return undefined;
  }

  /**
   * Receives what is there.
   *
   * @param into - memory to fill from its first byte on
   * @param flags - default 0; MSG_PEEK …
   * Of a datagram that is larger than `into` the rest is lost and nothing says so, as in recv(2): give it room for 65535
   * bytes, or on Linux MSG_TRUNC, with which the answer is the true length and may be more than `into` holds. (The C call
   * `recv` fails with 10040, as in Winsock.)
   *
   * @returns bytes received, 0 when the peer has ended sending (or of an empty datagram), WOULD_BLOCK when there is nothing yet
   * @throws {SocketError} ECONNRESET, ENOTCONN, EBADF (closed here)
   * @throws {RangeError} `into` is empty: its 0 would look like the end
   * @see recv(2)
   */
  tryRecv(into: Uint8Array, flags = 0): number {
    if ((flags | 0) !== flags) checkInt32Bits('recv', 'flags', flags);
    if (into.length === 0) throw new RangeError('into must have room for a byte: got 0 bytes');
    const result = native.tryRecv(this.#handle, this.#generation, into, flags);
    if (result >= 0) return result;
    if (result === EAGAIN) return WOULD_BLOCK;
    throw this.#transferError('recv', result, into);
  }

  /**
   * Sends what there is room for. Never raises SIGPIPE.
   *
   * @returns bytes taken, which may be fewer than given; WOULD_BLOCK when there is no room
   * @throws {SocketError} ECONNRESET, EPIPE, ENOTCONN, EBADF (closed here)
   * @see send(2)
   */
  trySend(from: Uint8Array, flags = 0): number {
    if ((flags | 0) !== flags) checkInt32Bits('send', 'flags', flags);
    const result = native.trySend(this.#handle, this.#generation, from, flags);
    if (result >= 0) return result;
    if (result === EAGAIN) return WOULD_BLOCK;
    throw this.#transferError('send', result, from);
  }

  /**
   * Sends what several pieces hold, in their order, with one system call.
   *
   * @param parts - at most the first 1024 are looked at
   * @returns bytes taken, which may be fewer than given; WOULD_BLOCK when there is no room
   * @throws {SocketError} as `trySend`
   * @see sendmsg(2) · writev(2) · winsock2 WSASend
   */
  trySendParts(parts: readonly Uint8Array[], flags = 0): number {
    checkInt32Bits('send', 'flags', flags);
    return this.#partsMoved(
      'send',
      native.trySendParts(this.#handle, this.#generation, parts, null, flags),
      parts,
    );
  }

  /**
   * Receives what is there into several pieces, the first filled first, with one system call.
   *
   * @param parts - at most the first 1024 are filled
   * @returns as `tryRecv`
   * @throws {SocketError} as `tryRecv`
   * @throws {RangeError} `parts` have no room: the 0 would look like the end
   * @see recvmsg(2) · readv(2) · winsock2 WSARecv
   */
  tryRecvParts(parts: readonly Uint8Array[], flags = 0): number {
    checkInt32Bits('recv', 'flags', flags);
    if (!parts.some((part) => part.length > 0)) {
      throw new RangeError('parts must have room for a byte: got 0 bytes');
    }
    const out = new Uint32Array(3);
    const result = native.tryRecvParts(this.#handle, this.#generation, parts, null, flags, out);
    return this.#partsMoved('recv', result, parts);
  }

  /**
   * Sends bytes over a Unix socket, and with them descriptors: the receiver gets duplicates, these stay open here.
   *
   * @param bytes - at least one: on a stream descriptors travel with a byte. When fewer are taken than given, the
   *   descriptors have gone with the first
   * @param handles - sockets, or raw descriptors of anything; at most 253
   * @returns as `trySend`
   * @throws {SocketError} as `trySend`; EBADF (a descriptor that is not open), EINVAL (too many), ENOTSUP (Windows)
   * @throws {RangeError} `bytes` is empty
   * @see unix(7) SCM_RIGHTS
   */
  trySendHandles(bytes: Uint8Array, handles: readonly (Socket | number)[]): number {
    if (bytes.length === 0) throw new RangeError('bytes must have at least one byte: got 0');
    if (SCM_RIGHTS === undefined) throw this.#error('sendmsg', ENOTSUP);
    const numbers = handles.map((handle) => (handle instanceof Socket ? handle.handle : handle));
    const control = packControl([
      { cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS, data: descriptorBytes(numbers) },
    ]);
    const parts = [bytes];
    return this.#partsMoved(
      'sendmsg',
      native.trySendParts(this.#handle, this.#generation, parts, control, 0),
      parts,
    );
  }

  /**
   * Receives bytes over a Unix socket, and the descriptors that came with them.
   *
   * @param options.limit - the most descriptors to take; what is sent beyond is closed by the kernel; default 1
   * @returns what came, or WOULD_BLOCK when there is nothing yet
   * @throws {SocketError} as `tryRecv`; ENOTSUP (Windows)
   * @throws {RangeError} `into` is empty, or `limit` is not an integer from 1 to 253
   * @see unix(7) SCM_RIGHTS
   */
  tryRecvHandles(
    into: Uint8Array,
    options: { readonly limit?: number } = {},
  ): ReceivedHandles | typeof WOULD_BLOCK {
    if (into.length === 0) throw new RangeError('into must have room for a byte: got 0 bytes');
    const { limit = 1 } = options;
    if (!Number.isInteger(limit) || limit < 1 || limit > MOST_HANDLES) {
      throw new RangeError(`limit must be an integer from 1 to ${MOST_HANDLES}: got ${limit}`);
    }
    if (SCM_RIGHTS === undefined) throw this.#error('recvmsg', ENOTSUP);
    const parts = [into];
    // Not CMSG_SPACE: its padding has room for one more.
    const control = new Uint8Array(CMSG_LEN(4 * limit));
    const out = new Uint32Array(3 + 3 * limit);
    const byteCount = this.#partsMoved(
      'recvmsg',
      native.tryRecvParts(this.#handle, this.#generation, parts, control, 0, out),
      parts,
    );
    if (byteCount === WOULD_BLOCK) return WOULD_BLOCK;
    const isCut = ((out[2] ?? 0) & MSG_CTRUNC) !== 0;
    return { byteCount, ...Socket.#arrived(out), isCut };
  }

  /** Makes sockets of what the addon has put into this thread's ownership. */
  static #arrived(out: Uint32Array): Pick<ReceivedHandles, 'sockets' | 'descriptors'> {
    const sockets: Socket[] = [];
    const descriptors: number[] = [];
    for (let at = 3; at < 3 + 3 * (out[0] ?? 0); at += 3) {
      const [number = 0, generation = 0, family = 0] = out.subarray(at, at + 3);
      if (generation === 0) descriptors.push(number);
      else sockets.push(new Socket(MADE_HERE, number, generation, family, undefined, true));
    }
    return { sockets, descriptors };
  }

  /**
   * Sends bytes of an open file from the kernel's memory, without a copy here. The file's own position is not used.
   *
   * Reads from the disk what is not in memory yet, and this thread waits for that, as for every page of a file.
   *
   * @param file - an open file's descriptor: `FileHandle.fd`, or what `fs.openSync` gives
   * @param offset - where to begin, in bytes
   * @param length - at most so many, from 1 on
   * @returns bytes taken, which may be fewer than asked; 0: the file has no byte at `offset`; WOULD_BLOCK when there is no room
   * @throws {SocketError} as `trySend`; EINVAL, ENOSYS (the file cannot be sent so: read it), ENOTSUP (Windows)
   * @see sendfile(2)
   */
  trySendFile(file: number, offset: number, length: number): number {
    requireInteger('Socket.trySendFile', 'file', file);
    requireInteger('Socket.trySendFile', 'offset', offset);
    requireInteger('Socket.trySendFile', 'length', length);
    const result = native.trySendFile(this.#handle, this.#generation, file, offset, length);
    if (result >= 0) return result;
    if (result === EAGAIN) return WOULD_BLOCK;
    throw this.#error('sendfile', result);
  }

  /**
   * Takes the first finished connection. The new socket knows its peer.
   *
   * @returns the connection, or WOULD_BLOCK when none is waiting
   * @throws {SocketError} ECONNABORTED and network errors (that one connection's fault), EMFILE, ENFILE, ENOBUFS, ENOMEM
   *   (out of resources), EINVAL (does not listen), EBADF (closed here)
   * @see accept(2)
   */
  tryAccept(): Socket | typeof WOULD_BLOCK {
    const handle = native.tryAccept(this.#handle, this.#generation, nameRoom, besides);
    if (handle === EAGAIN) return WOULD_BLOCK;
    if (handle < 0) throw this.#error('accept', handle);
    const peerName = nameOfLength(besides[1] ?? 0);
    return new Socket(MADE_HERE, handle, besides[0] ?? 0, besides[2] ?? 0, peerName, true);
  }

  /**
   * The socket's own address; asked from the kernel each time, because `bind` and `connect` change it.
   *
   * @throws {SocketError} EBADF (closed here)
   * @see getsockname(2)
   */
  get localAddress(): SockaddrLike {
    const length = native.sockName(this.#handle, this.#generation, false, nameRoom);
    this.#check('getsockname', length);
    return addressOf(nameOfLength(length));
  }

  /**
   * The address of the other side, as the kernel has it; `undefined` when there is none. Known once, it is remembered beyond
   * `close`, and on the thread that the socket crosses to. Each time a structure of its own.
   *
   * @see getpeername(2)
   */
  get peerAddress(): SockaddrLike | undefined {
    const isKnown = this.#peerName !== undefined;
    if (isKnown || this.#absence !== undefined) return this.#knownPeer();
    const length = this.#askForPeer();
    if (length === ENOTCONN) return undefined;
    this.#check('getpeername', length);
    this.#peerName = nameOfLength(length);
    return this.#knownPeer();
  }

  /**
   * Reads an option.
   *
   * @returns the value as the option table knows it: a boolean, a number, a string, `{ l_onoff, l_linger }`,
   *   `{ tv_sec, tv_usec }`, a `tcp_info`; for an option that is in no row a number where the system gives four bytes, else
   *   the bytes. SO_ERROR: Winsock's code
   * @throws {SocketError} ENOPROTOOPT, EBADF (closed here)
   * @see getsockopt(2)
   */
  getOption(level: number, option: number): unknown {
    checkInt('Socket.getOption', 'level', level);
    checkInt('Socket.getOption', 'option', option);
    const room = new Uint8Array(optionRow(level, option)?.codec.size ?? OPTION_ROOM);
    const length = native.sockGetOption(this.#handle, this.#generation, level, option, room);
    this.#check('getsockopt', length);
    const value = decodeOption(level, option, room.subarray(0, length));
    const isError = level === SOL_SOCKET && option === SO_ERROR && value !== 0;
    return isError ? native.wsaFromSystem(Number(value)) : value;
  }

  /**
   * Sets an option.
   *
   * @param value - a number, boolean or string, a structure object that the option table knows, or the bytes
   * @throws {SocketError} ENOPROTOOPT, EINVAL, EPERM, EBADF (closed here)
   * @throws {TypeError} a value that the option does not take
   * @see setsockopt(2)
   */
  setOption(level: number, option: number, value: SocketOptionValue): void {
    checkInt('Socket.setOption', 'level', level);
    checkInt('Socket.setOption', 'option', option);
    const bytes = ArrayBuffer.isView(value)
      ? value
      : encodeOption('Socket.setOption', level, option, value);
    const result = native.sockSetOption(this.#handle, this.#generation, level, option, bytes);
    this.#check('setsockopt', result);
  }

  /**
   * Ends one or both directions; the handle stays open.
   *
   * @throws {SocketError} ENOTCONN, EBADF (closed here)
   * @see shutdown(2)
   */
  shutdown(how: ShutdownHow): void {
    const number = shutdownNumber(how);
    this.#check('shutdown', native.sockShutdown(this.#handle, this.#generation, number));
    if (how !== 'receive') this.#hasShutSending = true;
  }

  /**
   * Closes the handle. May be called twice, and never throws: whatever the kernel says, the handle is gone.
   *
   * @see close(2)
   */
  close(): void {
    if (this.#absence !== undefined) return;
    native.sockClose(this.#handle, this.#generation);
    this.#leave('closed');
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** @internal */
  [INSPECT](
    _depth: number,
    options: object,
    show: (value: unknown, options: object) => string,
  ): string {
    const { handle, family, isOpen } = this;
    const known = this.#knownPeer();
    const peer = known === undefined ? undefined : String(known);
    return `Socket ${show({ handle, family, isOpen, peer }, options)}`;
  }

  #leave(absence: Absence): void {
    this.#handle = INVALID_SOCKET;
    this.#absence = absence;
  }

  /** Remembers the peer at once: after a reset the kernel does not know it any more, and the error should name it. */
  #connected(lengthOfName: number): void {
    this.#mayBeConnected = true;
    this.#peerName = lengthOfName < 0 ? undefined : nameOfLength(lengthOfName);
  }

  /** @returns the length of the peer's name, which is in `nameRoom`, or a negative error */
  #askForPeer(): number {
    return native.sockName(this.#handle, this.#generation, true, nameRoom);
  }

  /** The peer as far as it is known without asking. */
  #knownPeer(): SockaddrLike | undefined {
    return this.#peerName === undefined ? undefined : addressOf(this.#peerName);
  }

  #check(syscall: string, result: number, about?: SockaddrLike): void {
    if (result < 0) throw this.#error(syscall, result, about);
  }

  #error(
    syscall: string,
    errno: number,
    about: SockaddrLike | undefined = this.#knownPeer(),
  ): SocketError {
    const cause =
      errno === EBADF && this.#absence !== undefined
        ? new Error(
            this.#absence === 'closed'
              ? 'this Socket was closed before'
              : 'this Socket gave its handle away: use the one that took it',
          )
        : undefined;
    // By name: to Windows it is a shutdown, whose number has another name too.
    if (errno === EPIPE) {
      return new SocketError({ code: 'EPIPE', wsaCode: this.#pipeCode(), syscall, peer: about });
    }
    return new SocketError({ errno, syscall, peer: about, cause });
  }

  /** A wrong type is the caller's fault and no SocketError; asked only after the addon has refused it. */
  #transferError(syscall: string, errno: number, memory: unknown): Error {
    if (errno === EFAULT && !(memory instanceof Uint8Array && memory.buffer.byteLength > 0)) {
      const got = inspect(memory, { depth: 0 });
      return new TypeError(
        `${syscall}: memory must be a Uint8Array that is not detached: got ${got}`,
      );
    }
    return this.#error(syscall, errno);
  }

  /** A count, or WOULD_BLOCK; a piece that is no memory is the caller's fault and no SocketError. */
  #partsMoved(syscall: string, result: number, parts: readonly Uint8Array[]): number {
    if (result >= 0) return result;
    if (result === EAGAIN) return WOULD_BLOCK;
    const wrong = Array.isArray(parts) ? parts.find((part) => !ArrayBuffer.isView(part)) : parts;
    if (result === EFAULT && wrong !== undefined) {
      const got = inspect(wrong, { depth: 0 });
      throw new TypeError(`${syscall}: parts must be an array of Uint8Array: got ${got}`);
    }
    throw this.#error(syscall, result);
  }

  /** Winsock tells three causes apart where POSIX says EPIPE. */
  #pipeCode(): number {
    if (this.#hasShutSending || EPIPE === -WSAESHUTDOWN) return WSAESHUTDOWN;
    return this.#mayBeConnected ? WSAECONNRESET : WSAENOTCONN;
  }
}

/** What the addon has written into `nameRoom`, a character a byte. */
function nameOfLength(length: number): string {
  return nameRoom.toString('latin1', 0, length);
}

/** The structure whose bytes a string holds, a character each, in memory of its own. */
function addressOf(name: string): SockaddrLike {
  const bytes = new Uint8Array(name.length);
  for (let i = 0; i < name.length; i++) bytes[i] = name.charCodeAt(i);
  return sockaddrFrom(bytes, name.length);
}
