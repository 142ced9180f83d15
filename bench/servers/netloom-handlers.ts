/**
 * The handlers of our servers: one file for each strategy, a module of its own because threads import it.
 */
import type { Connection } from '@netloom/connection';
import { coroutine } from '@netloom/coroutines';
import { GREETING, REPLY_BYTES } from './dialogue.js';

/** More than a client has in flight, so that a read is shorter than the room and the kernel is not asked twice. */
const ROOM = 4096;

export const exchange = coroutine(import.meta.url, 'exchange', function* (conn: Connection) {
  yield* conn.send(GREETING);
  yield* conn.recvExactly(REPLY_BYTES);
});

export const echo = coroutine(import.meta.url, 'echo', function* (conn: Connection) {
  const room = new Uint8Array(ROOM);
  for (;;) {
    const count = yield* conn.recv(room);
    if (count === 0) return;
    yield* conn.send(room.subarray(0, count));
  }
});
