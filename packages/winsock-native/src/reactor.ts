/**
 * Waiting beside the event loop: one reactor per thread, one waiter per direction of a socket.
 *
 * The addon hangs on this environment's own loop and delivers its news in batches: pairs of a slot and what happened there.
 * A socket is registered once, edge-triggered, and once more when somebody first has to wait for room to write; where the
 * system has no epoll, each wait arms its own.
 * News are hints, so a waiter tries, and waits again when it would block. Nothing is read or written here.
 * Source: epoll(7) · libuv uv_poll_t · DESIGN decision 3.
 *
 *     wait ──▶ waiting ──event──▶ wake(events)         pending waits of this thread:
 *       │         │                                    0 ↔ n  ref the loop, count one up or down in
 *       │       cancel                                        globalThis[Symbol.for('netloom.waits')]
 *       └─ hint already true: wake in a microtask
 */
import { inspect } from 'node:util';
import type { SockaddrLike } from '@netloom/sockaddr';
import { addonErrno } from './error-lookup.js';
import { type SOCKET, UNTOLD } from './handle.js';
import { native } from './native.js';
import type { Socket } from './socket.js';
import { SocketError } from './socket-error.js';

/** There may be something to read, or a connection to accept. */
export const EVENT_READ = 1;
/** There may be room to write, or a connect has ended. */
export const EVENT_WRITE = 2;
/** The peer has ended sending, or the connection is gone in both directions. */
export const EVENT_HANGUP = 4;
/** The socket has an error to report. */
export const EVENT_ERROR = 8;
/** The watch or the socket was closed: nothing more will come. */
export const EVENT_CLOSED = 16;
/** Urgent data (MSG_OOB) have come and were not yet read past; with EVENT_READ. */
export const EVENT_URGENT = 32;

/**
 * Whether the runtime's libuv cannot be called. Bun ends the process in most of its functions, and Deno's never tell of a
 * socket; both have the names, so that looking for them says nothing.
 */
const WITHOUT_LOOP = process.versions.bun !== undefined || process.versions.deno !== undefined;

/** Where the system has no edge-triggered set, each wait says what it waits for. */
const MUST_ARM = native.reactorMustArm;

const ENOSYS = addonErrno('ENOSYS');

/** The number of a thread by which everybody who waits outside Node's own handles says so; absent = 0. */
const WAITS = Symbol.for('netloom.waits');

/** A direction of a socket. */
export type Direction = 'read' | 'write';

/** Called once when there is news for a waiter; `events` are EVENT_* OR-ed. */
export type Wake = (events: number) => void;

/** One socket in this thread's reactor. */
export interface Watch {
  /**
   * Whether there may be something to read since the owner last saw the end. The reactor sets it; the owner clears it
   * after WOULD_BLOCK, or after a short read while `hasHangup` and `hasUrgent` are false. Starts false: registration
   * reports what is there.
   */
  readable: boolean;
  /** The same for writing. Starts true: an empty send buffer. */
  writable: boolean;
  /** Whether some event carried a hang-up or an error: then only WOULD_BLOCK or 0 says that there is no more. */
  hasHangup: boolean;
  /**
   * Whether an event told of urgent data since the owner last saw the end: a read stops short at their mark, with ordinary
   * bytes behind it. The reactor sets it; the owner clears it after WOULD_BLOCK, and sets it when it receives with MSG_OOB,
   * which takes the byte, and with it the news of it, but leaves the mark.
   */
  hasUrgent: boolean;
  /**
   * Calls `wake` once, later, when there is news in a direction: never before `wait` has returned. At once, in a microtask,
   * when the hint is already true. A pending wait keeps the event loop alive.
   *
   * @throws {Error} somebody already waits in this direction
   * @throws {TypeError} neither 'read' nor 'write', or `wake` is no function
   */
  wait(direction: Direction, wake: Wake): void;
  /** Takes a wait back; true: it was pending, and its `wake` will not be called. */
  cancel(direction: Direction): boolean;
  /** Takes the socket out of the reactor; to be called before the socket closes. Pending waits wake with EVENT_CLOSED. */
  close(): void;
  /**
   * {@link close}, then `socket.close()`: costs a system call less than these two, where nobody was told the socket's number.
   */
  closeWithSocket(): void;
}

/**
 * Registers a socket with this thread's reactor.
 *
 * @param first - what will be waited for first; 'write' (a connect under way) saves a system call, and changes nothing else
 *
 * @throws {SocketError} EBADF (closed), EEXIST (already watched), ENOSPC and ENOMEM (the kernel's limits), EMFILE and
 *   ENFILE (the first of the thread opens the reactor), ENOSYS (the runtime has no event loop to offer)
 */
export function watch(socket: Socket, first: Direction = 'read'): Watch {
  checkDirection('watch', first);
  return reactor.add(socket, first);
}

/** What a direction's bits are, besides hang-up and error, which concern both. */
const NEWS = { read: EVENT_READ, write: EVENT_WRITE } as const;
const BOTH = EVENT_HANGUP | EVENT_ERROR;

class WatchedSocket implements Watch {
  readable = false;
  writable = true;
  hasHangup = false;
  hasUrgent = false;

  readonly #socket: Socket;
  readonly #handle: number;
  readonly #generation: number;
  readonly #slot: number;
  /** Whether room to write is reported. */
  #reportsWrite: boolean;
  #isClosed = false;
  #reader: Wake | undefined;
  #writer: Wake | undefined;

  constructor(socket: Socket, handle: number, slot: number, first: Direction) {
    this.#socket = socket;
    this.#handle = handle;
    this.#generation = socket.generation;
    this.#slot = slot;
    this.#reportsWrite = first === 'write';
  }

  wait(direction: Direction, wake: Wake): void {
    if (typeof wake !== 'function') refuseWake(wake);
    checkDirection('wait', direction);
    if (direction === 'read') {
      if (this.#reader !== undefined) refuseSecond(direction);
      this.#reader = wake;
    } else {
      if (this.#writer !== undefined) refuseSecond(direction);
      this.#writer = wake;
    }
    reactor.hold();
    const isLatched = direction === 'read' ? this.readable : this.writable;
    if (isLatched) this.#wakeSoon(direction, wake, NEWS[direction]);
    else if (this.#isClosed) this.#wakeSoon(direction, wake, EVENT_CLOSED);
    else if (MUST_ARM) native.reactorArm(this.#slot, this.#generation, NEWS[direction]);
    else if (direction === 'write' && !this.#reportsWrite) this.#reportWrite(wake);
  }

  /** Most connections never wait to write, so that the kernel is asked for it only now. */
  #reportWrite(wake: Wake): void {
    this.#reportsWrite = true;
    const result = native.reactorArm(this.#slot, this.#generation, EVENT_WRITE);
    if (result >= 0) return;
    // Whoever waits tries, and the call says what is wrong.
    this.writable = true;
    this.#wakeSoon('write', wake, EVENT_WRITE | EVENT_ERROR);
  }

  cancel(direction: Direction): boolean {
    checkDirection('cancel', direction);
    const wake = this.#take(direction);
    if (wake === undefined) return false;
    reactor.settle();
    return true;
  }

  close(): void {
    this.#end(false);
  }

  closeWithSocket(): void {
    this.#end(true);
    this.#socket.close();
  }

  #end(closesSocket: boolean): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    native.reactorRemove(this.#handle, this.#generation, closesSocket);
    reactor.free(this.#slot);
    if (this.#reader !== undefined) this.#wakeSoon('read', this.#reader, EVENT_CLOSED);
    if (this.#writer !== undefined) this.#wakeSoon('write', this.#writer, EVENT_CLOSED);
  }

  /** Takes an event out of a batch: hints first, so that whoever is woken sees both directions as they are. */
  deliver(events: number): void {
    if ((events & BOTH) !== 0) this.hasHangup = true;
    if ((events & EVENT_URGENT) !== 0) this.hasUrgent = true;
    const wakesReader = (events & (EVENT_READ | BOTH | EVENT_CLOSED)) !== 0;
    const wakesWriter = (events & (EVENT_WRITE | BOTH | EVENT_CLOSED)) !== 0;
    if (wakesReader) this.readable = true;
    if (wakesWriter) this.writable = true;
    if ((events & EVENT_CLOSED) !== 0) {
      this.#isClosed = true;
      reactor.free(this.#slot);
    }
    if (wakesReader) this.#wakeNow('read', events);
    if (wakesWriter) this.#wakeNow('write', events);
  }

  #wakeNow(direction: Direction, events: number): void {
    const wake = this.#take(direction);
    if (wake === undefined) return;
    try {
      wake(events);
    } catch (error) {
      // The rest of the batch must not be lost with it: it surfaces by itself, as an uncaught exception.
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  #wakeSoon(direction: Direction, wake: Wake, events: number): void {
    queueMicrotask(() => {
      // Cancelled meanwhile, or woken by a batch: then this one has been answered.
      const waiter = direction === 'read' ? this.#reader : this.#writer;
      if (waiter !== wake) return;
      this.#take(direction);
      reactor.settle();
      wake(events);
    });
  }

  /** Ends a wait. The caller lets the reactor settle its account. */
  #take(direction: Direction): Wake | undefined {
    const wake = direction === 'read' ? this.#reader : this.#writer;
    if (wake === undefined) return undefined;
    if (direction === 'read') this.#reader = undefined;
    else this.#writer = undefined;
    reactor.release();
    return wake;
  }
}

/** The reactor of this thread: which watch has which slot, and whether anybody waits. */
class Reactor {
  #batch: Int32Array | undefined;
  readonly #watches: (WatchedSocket | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  /** Freed while a batch is being delivered: later pairs of the batch may still name them. */
  readonly #retiredSlots: number[] = [];
  #isDelivering = false;
  #waits = 0;
  #isHeld = false;

  add(socket: Socket, first: Direction): Watch {
    this.#batch ??= this.#open();
    const slot = this.#freeSlots.pop() ?? this.#watches.length;
    // Of another copy of this package the number itself has to do.
    const handle: SOCKET = socket[UNTOLD] ?? socket.handle;
    const result = native.reactorAdd(handle, socket.generation, slot, NEWS[first]);
    if (result < 0) {
      if (slot < this.#watches.length) this.#freeSlots.push(slot);
      throw new SocketError({ errno: result, syscall: 'watch', peer: peerIfKnown(socket) });
    }
    const watched = new WatchedSocket(socket, handle, slot, first);
    this.#watches[slot] = watched;
    return watched;
  }

  #open(): Int32Array {
    const opened = native.reactorOpen((count) => this.#deliver(count), WITHOUT_LOOP);
    if (typeof opened !== 'number') return opened;
    const detail = opened === ENOSYS ? 'this runtime has no event loop for an addon' : undefined;
    throw new SocketError({ errno: opened, syscall: 'watch', detail });
  }

  free(slot: number): void {
    this.#watches[slot] = undefined;
    (this.#isDelivering ? this.#retiredSlots : this.#freeSlots).push(slot);
  }

  /** One more waits. */
  hold(): void {
    this.#waits++;
    if (!this.#isHeld) this.#setHeld(true);
  }

  /** One less waits; `settle` draws the consequence. */
  release(): void {
    this.#waits--;
  }

  /** Lets the loop go when nobody waits. A batch does so once, at its end: most who are woken wait again. */
  settle(): void {
    if (this.#isHeld && this.#waits === 0) this.#setHeld(false);
  }

  #setHeld(isHeld: boolean): void {
    this.#isHeld = isHeld;
    native.reactorRef(isHeld);
    const count: unknown = Reflect.get(globalThis, WAITS);
    Reflect.set(globalThis, WAITS, (typeof count === 'number' ? count : 0) + (isHeld ? 1 : -1));
  }

  #deliver(count: number): void {
    const batch = this.#batch;
    if (batch === undefined) return;
    this.#isDelivering = true;
    for (let i = 0; i < 2 * count; i += 2) {
      const slot = batch[i] ?? -1;
      this.#watches[slot]?.deliver(batch[i + 1] ?? 0);
    }
    this.#isDelivering = false;
    for (const slot of this.#retiredSlots.splice(0)) this.#freeSlots.push(slot);
    this.settle();
  }
}

const reactor = new Reactor();

/** For the message of an error: that the kernel does not know it is no second error. */
function peerIfKnown(socket: Socket): SockaddrLike | undefined {
  try {
    return socket.peerAddress;
  } catch {
    return undefined;
  }
}

function checkDirection(fn: string, direction: Direction): void {
  if (direction === 'read' || direction === 'write') return;
  throw new TypeError(`${fn}: direction must be 'read' or 'write': got ${inspect(direction)}`);
}

function refuseWake(wake: unknown): never {
  throw new TypeError(`wait: wake must be a function: got ${inspect(wake)}`);
}

function refuseSecond(direction: Direction): never {
  throw new Error(
    `somebody already waits to ${direction} on this socket: one waiter per direction; ` +
      'await the first, or give each its own socket',
  );
}
