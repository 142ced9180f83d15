/**
 * Partial writes of every size. Of n bytes the kernel takes 1 to n; that many arrive, in order, none lost, none twice,
 * whichever call sends them, waiting or not, and whoever reads in pieces of any size.
 *
 * n is 1, 2, and so on, then around each limit that the buffers have, then far above them.
 */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as w from '@netloom/winsock-native';
import { describe, expect, test } from 'vitest';
import { isWindows, native, pair, setTimeoutOption, unixPair, VERSION } from '../addon.mjs';
import { randomFrom } from './random.mjs';
import { Counting } from './transfer.mjs';

// The sizes are asked for before the first test.
native.startup(VERSION);

const WOULD_BLOCK = 10035;
const TIMED_OUT = 10060;
// Asked for; the kernel makes of it what it likes, and says what.
const BUFFER = 8192;
// What a side takes at most beside what its buffer is said to hold.
const FAR_ABOVE = 20;
const LIMIT_MS = 60_000;
// Longer than any wait here, and shorter than the test's: who waits in vain says so.
const WAIT_MS = 20_000;

const KINDS = [
  // WINDOWS: its kernel takes all of one send into its own memory.
  { kind: 'TCP', open: pair, leastPartial: isWindows ? 0 : 1 },
  // WINDOWS: unixPair() is TCP too.
  { kind: 'Unix', open: unixPair, leastPartial: isWindows ? 0 : 1 },
];

/** Each makes the call that sends: how many bytes the kernel took, 0 where it had no room. */
const WAYS = [
  { way: 'send that does not wait', isBlocking: false, make: sender },
  {
    way: 'send with a time limit and nobody who reads',
    isBlocking: true,
    make(near) {
      setTimeoutOption(near, w.SO_SNDTIMEO, 5);
      return sender(near);
    },
  },
  {
    way: 'Socket.trySend',
    isBlocking: false,
    make(near) {
      const socket = w.Socket.fromRaw(near);
      return {
        send(bytes) {
          const count = socket.trySend(bytes);
          return count === w.WOULD_BLOCK ? 0 : count;
        },
        end: () => socket.close(),
      };
    },
  },
];

function sender(near) {
  return {
    send(bytes) {
      const count = w.send(near, bytes, bytes.length, 0);
      if (count >= 0) return count;
      expect([WOULD_BLOCK, TIMED_OUT]).toContain(w.WSAGetLastError());
      return 0;
    },
    end: () => expect(w.closesocket(near)).toBe(0),
  };
}

/** Two connected sockets, the first with a small buffer, and how much that is said to hold. */
function small(open) {
  const { near, far } = open();
  // Not SO_RCVBUF too: less than a segment of the loopback's, and TCP waits for its timers.
  expect(w.setsockopt(near, w.SOL_SOCKET, w.SO_SNDBUF, BUFFER)).toBe(0);
  setTimeoutOption(far, w.SO_RCVTIMEO, WAIT_MS);
  setTimeoutOption(near, w.SO_SNDTIMEO, WAIT_MS);
  const said = { value: 0 };
  expect(w.getsockopt(near, w.SOL_SOCKET, w.SO_SNDBUF, said)).toBe(0);
  return { near, far, said: said.value };
}

function setBlocking(s, isBlocking) {
  expect(w.ioctlsocket(s, w.FIONBIO, { value: isBlocking ? 0 : 1 })).toBe(0);
}

/** How much one send takes while nobody reads, and how much there is room for in all. */
function roomOf(open) {
  const { near, far, said } = small(open);
  setBlocking(near, false);
  const bytes = new Uint8Array(said * FAR_ABOVE);
  const first = w.send(near, bytes, bytes.length, 0);
  let all = first;
  // WINDOWS: takes a megabyte and more, of each call all.
  for (let count = first; count > 0 && all < bytes.length; all += Math.max(count, 0)) {
    count = w.send(near, bytes, bytes.length, 0);
  }
  for (const s of [near, far]) w.closesocket(s);
  return { said, first, all };
}

/** 1, 2 and so on, around each limit, far above. */
function sizesOf({ said, first, all }) {
  const limits = [64, 256, 4096, said / 2, said, first, all, said * FAR_ABOVE];
  const around = limits.flatMap((limit) => [-2, -1, 0, 1, 2].map((more) => limit + more));
  const sizes = [1, 2, 3, 4, 5, 7, 8, 9, ...around, said * FAR_ABOVE * 2 + 1];
  return [...new Set(sizes)].sort((a, b) => a - b);
}

const seed = Math.floor(Math.random() * 2 ** 31);

describe.each(KINDS)(`$kind (seed ${seed})`, { timeout: LIMIT_MS }, ({ open, leastPartial }) => {
  const sizes = sizesOf(roomOf(open));
  const most = Math.max(...sizes);

  test.each(WAYS)('$way: what it counts arrives', ({ make, isBlocking }) => {
    const { below } = randomFrom(seed);
    const { near, far } = small(open);
    setBlocking(near, isBlocking);
    const { send, end } = make(near);
    const stream = new Counting(most);
    const into = Buffer.alloc(most);
    const receive = () => {
      const length = 1 + below(most);
      const count = w.recv(far, into, length, 0);
      expect(count, `recv: ${w.WSAGetLastError()}`).toBeGreaterThanOrEqual(0);
      expect(count).toBeLessThanOrEqual(length);
      stream.arrived(into.subarray(0, count));
      return count;
    };
    let partial = 0;
    for (const size of sizes) {
      const until = stream.sent + size;
      while (stream.sent < until) {
        const left = until - stream.sent;
        const count = send(stream.next(left));
        expect(count).toBeLessThanOrEqual(left);
        if (count < left) partial++;
        stream.sent += count;
        // No room: something is under way, or what was read is not yet known to the sender.
        if (count < left && stream.received < stream.sent) receive();
      }
      // Some sizes meet an empty buffer, the others what is left of those before.
      if (below(2)) while (stream.received < stream.sent) receive();
    }
    end();
    while (receive() > 0);
    expect(stream.received).toBe(stream.sent);
    expect(stream.sent).toBe(sizes.reduce((sum, size) => sum + size, 0));
    expect(partial).toBeGreaterThanOrEqual(leastPartial);
    expect(w.closesocket(far)).toBe(0);
  });

  test('send that waits for a reader on another thread: all of it arrives', async () => {
    const { near, far } = small(open);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    const reader = new Worker(new URL('./reader.mjs', import.meta.url), {
      workerData: { far, most, seed },
    });
    const read = Promise.all([once(reader, 'message'), once(reader, 'exit')]);
    const stream = new Counting(most);
    for (const size of sizes) {
      expect(w.send(near, stream.next(size), size, 0), `send: ${w.WSAGetLastError()}`).toBe(size);
      stream.sent += size;
    }
    expect(w.closesocket(near)).toBe(0);
    expect(await read).toEqual([[total], [0]]);
    expect(w.closesocket(far)).toBe(0);
  });
});
