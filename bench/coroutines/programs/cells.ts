// biome-ignore-all lint/correctness/useYield: bodies that end at once are what is measured.
/**
 * What is measured of coroutines: in each cell ours and what it stands beside, each a function that does it `count`
 * times and checks that it was done.
 */
import { Connection } from '@netloom/connection';
import { CoroutineTask, coroutine, Semaphore, setBgEntry } from '@netloom/coroutines';
import { AF_INET, IPPROTO_TCP, SockaddrIn } from '@netloom/sockaddr';
import { ThreadPool } from '@netloom/threadpool';
import { SOCK_STREAM, Socket, WOULD_BLOCK } from '@netloom/winsock-native';
import { watch } from '@netloom/winsock-native/reactor';
import { run, spawn } from 'effection';
import { launched, Task } from './there.js';

export interface Alternative {
  readonly name: string;
  /** Not timed. */
  prepare?(count: number): void;
  /** Timed. */
  run(count: number): unknown;
}

export interface Cell {
  readonly name: string;
  readonly count: number;
  /** So often in one round, prepared anew each time. */
  readonly repeats: number;
  /** The first is ours. */
  readonly alternatives: readonly Alternative[];
  close?(): Promise<void>;
}

const OURS = 'netloom';
const IN_FLIGHT = 64;
const RECV_BYTES = 16;
const THREADS = 2;

export const CELLS: Readonly<Record<string, () => Cell | Promise<Cell>>> = {
  acquire,
  recv,
  empty,
  launch,
};

/** @throws {Error} a result that is not the right one */
export function check(isRight: boolean, what: string): void {
  if (!isRight) throw new Error(`wrong: ${what}`);
}

function drive(generator: Generator<unknown, unknown, undefined>): number {
  let steps = 0;
  while (generator.next().done !== true) steps++;
  return steps;
}

/** A semaphore with a free permit, beside a generator with nothing but `next()`. */
function acquire(): Cell {
  const semaphore = new Semaphore(1);
  const acquires = coroutine(function* (count: number) {
    for (let i = 0; i < count; i++) {
      yield* semaphore.acquire();
      semaphore.release();
    }
  });
  function* bare(count: number): Generator<number, void, undefined> {
    for (let i = 0; i < count; i++) yield i;
  }
  return {
    name: 'acquire',
    count: 200_000,
    repeats: 1,
    alternatives: [
      {
        name: OURS,
        async run(count) {
          await acquires(count);
          check(semaphore.available === 1, 'permits');
        },
      },
      { name: 'next()', run: (count) => check(drive(bare(count)) === count, 'steps') },
    ],
  };
}

/** Bytes that wait in the kernel: both make the same call to the system. */
async function recv(): Promise<Cell> {
  const into = new Uint8Array(RECV_BYTES);
  const [near, far] = await pair();
  const connection = new Connection(near);
  const receives = coroutine(function* (count: number) {
    let bytes = 0;
    for (let i = 0; i < count; i++) bytes += yield* connection.recv(into);
    return bytes;
  });
  const [bareNear, bareFar] = await pair();
  let bareBytes = 0;
  function* bare(count: number): Generator<void, void, undefined> {
    for (let i = 0; i < count; i++) {
      const bytes = bareNear.tryRecv(into);
      if (bytes !== WOULD_BLOCK) bareBytes += bytes;
      yield;
    }
  }
  return {
    name: 'recv',
    count: 2000,
    repeats: 30,
    alternatives: [
      {
        name: OURS,
        prepare: (count) => fill(far, count),
        async run(count) {
          check((await receives(count)) === count * RECV_BYTES, 'bytes');
        },
      },
      {
        name: 'next()',
        prepare: (count) => fill(bareFar, count),
        run(count) {
          bareBytes = 0;
          drive(bare(count));
          check(bareBytes === count * RECV_BYTES, 'bytes');
        },
      },
    ],
    async close() {
      connection.close();
      for (const socket of [far, bareNear, bareFar]) socket.close();
    },
  };
}

function fill(socket: Socket, count: number): void {
  const sent = socket.trySend(new Uint8Array(count * RECV_BYTES));
  check(sent === count * RECV_BYTES, `${sent} bytes sent`);
}

/** Two connected sockets on the loopback. */
async function pair(): Promise<[near: Socket, far: Socket]> {
  const listener = Socket.create(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  listener.bind(SockaddrIn.from({ address: '127.0.0.1', port: 0 }));
  listener.listen(1);
  const far = Socket.create(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  far.tryConnect(listener.localAddress);
  const arrivals = watch(listener);
  await new Promise<void>((resolve) => arrivals.wait('read', () => resolve()));
  const near = listener.tryAccept();
  arrivals.close();
  listener.close();
  if (near === WOULD_BLOCK) throw new Error('the listener was readable and had nobody');
  far.finishConnect();
  return [near, far];
}

/** Starts one that does nothing, and waits for its end, each in its own idiom. */
function empty(): Cell {
  const nothing = coroutine(function* () {
    return 1;
  });
  const ours = coroutine(function* (count: number) {
    let ended = 0;
    for (let i = 0; i < count; i++) ended += yield* nothing();
    return ended;
  });
  const nothingAsync = async () => 1;
  function* nothingEffection() {
    return 1;
  }
  return {
    name: 'empty',
    count: 50_000,
    repeats: 1,
    alternatives: [
      {
        name: OURS,
        async run(count) {
          check((await ours(count)) === count, 'ends');
        },
      },
      {
        name: 'async function',
        async run(count) {
          let ended = 0;
          for (let i = 0; i < count; i++) ended += await nothingAsync();
          check(ended === count, 'ends');
        },
      },
      {
        name: 'effection',
        async run(count) {
          const all = await run(function* () {
            let ended = 0;
            for (let i = 0; i < count; i++) ended += yield* yield* spawn(nothingEffection);
            return ended;
          });
          check(all === count, 'ends');
        },
      },
    ],
  };
}

/** To a thread of a pool and back, 64 in flight, beside a task of the same pool. */
function launch(): Cell {
  const pool = new ThreadPool(THREADS);
  setBgEntry((resumption) => pool.addTask(new CoroutineTask(resumption)));
  const inFlight = async (count: number, one: (n: number) => PromiseLike<number>) => {
    let left = count;
    const client = async () => {
      while (left > 0) {
        const n = left--;
        check((await one(n)) === n, 'result');
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, client));
  };
  return {
    name: 'launch',
    count: 10_000,
    repeats: 1,
    alternatives: [
      { name: OURS, run: (count) => inFlight(count, (n) => launched(n)) },
      { name: 'addTask', run: (count) => inFlight(count, (n) => pool.addTask(new Task(n))) },
    ],
    close: () => pool.close(),
  };
}
