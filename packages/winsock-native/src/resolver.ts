/**
 * Questions to the addon's resolver threads, and who waits for the answers. Knows no options and makes no errors of answers.
 *
 * Libuv's own pool would do, but for this: what is looked up there holds up the end of the process, and holds a place that
 * files need. Here a question is dropped at once, and the thread that works on it goes on for nobody. Questions under way
 * keep the event loop alive, as every wait does. Source: getaddrinfo(3) · DESIGN, known traps.
 */
import type { SOCKET } from './handle.js';
import { native } from './native.js';
import { type Watch, watch } from './reactor.js';
import { Socket } from './socket.js';
import { SocketError } from './socket-error.js';

/** What came of a question. */
export interface Answer {
  /** 0, or Winsock's code. */
  readonly code: number;
  /** Of addresses: the canonical name, if it was asked for; else empty. */
  readonly host: string;
  readonly service: string;
  /** 28 bytes each. */
  readonly addresses: Uint8Array;
}

/** Puts a question to the addon; gives its number, or the system's error number negated. */
export type Ask = () => number;

const waiting = new Map<number, (answer: Answer) => void>();
/** What tells of answers: opened by the first question of this thread, closed with it. */
let news: Watch | undefined;

/**
 * Puts a question; `tell` is called once, later, unless the returned function is called before.
 *
 * @throws {SocketError} no descriptor, no memory or no thread can be had
 */
export function ask(syscall: string, put: Ask, tell: (answer: Answer) => void): () => void {
  news ??= open(syscall);
  const number = put();
  if (number < 0) throw new SocketError({ errno: number, syscall });
  waiting.set(number, tell);
  if (waiting.size === 1) news.wait('read', hear);
  return () => {
    if (!waiting.delete(number)) return;
    native.resolverCancel(number);
    if (waiting.size === 0) news?.cancel('read');
  };
}

function open(syscall: string): Watch {
  const handle = native.resolverOpen();
  if (handle < 0) throw new SocketError({ errno: handle, syscall });
  // SAFETY: the addon's own descriptor, in a row of this environment that nobody has adopted.
  return watch(Socket.fromRaw(handle as SOCKET));
}

function hear(): void {
  if (news === undefined) return;
  news.readable = false;
  for (let taken = native.resolverTake(); taken !== undefined; taken = native.resolverTake()) {
    const [number, code, host, service, addresses] = taken;
    const tell = waiting.get(number);
    waiting.delete(number);
    tell?.({ code, host, service, addresses });
  }
  if (waiting.size > 0) news.wait('read', hear);
}
