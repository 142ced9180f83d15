/**
 * The tutorial's worker coroutine: greets, receives one message, and returns who served whom.
 *
 * A module of its own, because every pool thread imports it by its URL.
 */
import { threadId } from 'node:worker_threads';
import type { Connection } from '@netloom/connection';
import { coroutine, resumeBackground } from '@netloom/coroutines';
import { GetCurrentThreadId } from '@netloom/winsock-native';
import { GREETING } from './protocol.js';

/** A thread, as it names itself. */
export interface Thread {
  /** Node's id; 0 is the main thread. */
  readonly threadId: number;
  /** The kernel's id of the same thread. */
  readonly kernelThreadId: number;
}

/** One dialogue as the thread that served it saw it; plain data, it crosses threads. */
export interface Dialogue {
  readonly message: string;
  readonly servedOn: Thread;
}

export const greet = coroutine(import.meta.url, 'greet', function* (conn: Connection) {
  yield* resumeBackground(); // from here on a pool thread; a handler of createServer is there already
  const servedOn: Thread = { threadId, kernelThreadId: GetCurrentThreadId() };
  yield* conn.sendWideText(GREETING);
  const message = yield* conn.recvWideText();
  const dialogue: Dialogue = { message, servedOn };
  return dialogue;
});
