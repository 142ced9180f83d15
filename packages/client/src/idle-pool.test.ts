import { once } from 'node:events';
import { createServer, type Socket as NodeSocket, type Server } from 'node:net';
import { setClock } from '@netloom/coroutines';
import { VirtualClock } from '@netloom/coroutines/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectTcp } from './connect.js';
import { IdlePool, type IdlePoolOptions, type Lease } from './idle-pool.js';

/** Ten times what a busy machine needs; nothing here waits for a time to pass. */
const LIMIT_MS = 20_000;
vi.setConfig({ testTimeout: LIMIT_MS });

let server: Server;
let port = 0;
/** The server's sides, in the order of their coming. */
let sides: NodeSocket[];
const pools: IdlePool[] = [];

beforeEach(async () => {
  sides = [];
  server = createServer((socket) => {
    sides.push(socket);
    socket.on('error', () => {}); // a reset is what some of these tests are about
    socket.pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  port = address !== null && typeof address === 'object' ? address.port : 0;
});

afterEach(async () => {
  setClock(undefined);
  for (const pool of pools.splice(0)) pool.close();
  for (const side of sides) side.destroy();
  server.close();
  await once(server, 'close');
});

function poolOf(options: Partial<IdlePoolOptions> = {}): IdlePool {
  const connect = (signal: AbortSignal) => connectTcp({ host: '127.0.0.1', port, signal });
  const pool = new IdlePool({ connect, ...options });
  pools.push(pool);
  return pool;
}

async function exchange(lease: Lease): Promise<void> {
  await lease.connection.send(Uint8Array.of(7));
  expect(await lease.connection.recvExactly(1)).toEqual(Uint8Array.of(7));
}

describe('IdlePool', () => {
  it('takes what was given back, the latest first', async () => {
    const pool = poolOf();
    const [first, second] = [await pool.take(), await pool.take()];
    expect(pool.counters).toMatchObject({ busy: 2, idle: 0, connected: 2 });
    await exchange(first);
    first.release();
    await exchange(second);
    second.release();
    expect(pool.counters).toMatchObject({ busy: 0, idle: 2 });
    using again = await pool.take();
    expect(again.isReused).toBe(true);
    expect(again.connection).toBe(second.connection);
    await exchange(again);
    expect(pool.counters).toMatchObject({ connected: 2, reused: 1, busy: 1, idle: 1 });
  });

  it('closes what was not given back', async () => {
    const pool = poolOf();
    const lease = await pool.take();
    lease[Symbol.dispose]();
    expect(lease.connection.isClosed).toBe(true);
    lease.release();
    expect(pool.counters).toMatchObject({ busy: 0, idle: 0 });
  });

  it.each([
    ['has ended it', (side: NodeSocket) => side.end()],
    ['has reset it', (side: NodeSocket) => side.resetAndDestroy()],
    ['has sent what nobody asked for', (side: NodeSocket) => side.write('?')],
  ])('drops an idle connection when the peer %s', async (_what, act) => {
    const pool = poolOf();
    const lease = await pool.take();
    await exchange(lease);
    lease.release();
    const [side] = sides;
    if (side === undefined) throw new Error('nobody came');
    act(side);
    await vi.waitFor(() => expect(pool.counters.discarded).toBe(1), LIMIT_MS / 2);
    expect(lease.connection.isClosed).toBe(true);
    using fresh = await pool.take();
    expect(fresh.isReused).toBe(false);
  });

  it('notices at the take that the peer has gone, before the news came', async () => {
    const pool = poolOf();
    const lease = await pool.take();
    await exchange(lease);
    lease.release();
    const [side] = sides;
    if (side === undefined) throw new Error('nobody came');
    // The reset is made and delivered by the kernel within these calls; this thread's loop has not turned since.
    side.resetAndDestroy();
    const taking = pool.take().then((fresh) => fresh);
    using fresh = await taking;
    await exchange(fresh);
    expect(fresh.isReused).toBe(false);
  });

  it('asks for health, and drops what is not fit', async () => {
    let isFit = true;
    const pool = poolOf({ isHealthy: async () => isFit });
    const lease = await pool.take();
    lease.release();
    const again = await pool.take();
    expect(again.isReused).toBe(true);
    again.release();
    isFit = false;
    using fresh = await pool.take();
    expect(fresh.isReused).toBe(false);
    expect(lease.connection.isClosed).toBe(true);
    expect(pool.counters.discarded).toBe(1);
  });

  it('closes what has idled too long, and does not reuse what is too old', async () => {
    const clock = new VirtualClock();
    setClock(clock);
    const pool = poolOf({ idleTimeoutMs: 1000, maxAgeMs: 1500 });
    const lease = await pool.take();
    lease.release();
    await clock.advance(999);
    expect(pool.counters.idle).toBe(1);
    await clock.advance(2);
    expect(pool.counters).toMatchObject({ idle: 0, discarded: 1 });
    expect(lease.connection.isClosed).toBe(true);

    const second = await pool.take();
    await clock.advance(1499);
    second.release();
    await clock.advance(500);
    const taking = pool.take().then((fresh) => fresh);
    await clock.advance(1);
    using third = await taking;
    expect(third.isReused).toBe(false);
  });

  it('keeps no more than it may, and nothing that is half read', async () => {
    const pool = poolOf({ maxIdle: 1 });
    const leases = await Promise.all([pool.take(), pool.take()]);
    for (const lease of leases) lease.release();
    expect(pool.counters.idle).toBe(1);
    expect(leases.map((lease) => lease.connection.isClosed)).toEqual([false, true]);

    const other = poolOf();
    const half = await other.take();
    await half.connection.send(Uint8Array.of(7));
    const controller = new AbortController();
    const { signal } = controller;
    const reading = half.connection.recvExactly(2, { signal }).then(undefined, () => 'stopped');
    await vi.waitFor(() => expect(half.connection.counters.bytesReceived).toBe(1), LIMIT_MS / 2);
    controller.abort();
    expect(await reading).toBe('stopped');
    expect(half.connection.counters.bytesAhead).toBe(1);
    half.release();
    expect(half.connection.isClosed).toBe(true);
  });

  it('lets no more in than it may, in turn, and leaves no place lost', async () => {
    const pool = poolOf({ maxConnections: 1 });
    const first = await pool.take();
    const order: string[] = [];
    const note = (name: string) => (lease: Lease) => {
      order.push(name);
      lease.release();
    };
    const controller = new AbortController();
    const second = pool.take().then(note('second'));
    const stopped = pool
      .take({ signal: controller.signal })
      .then(note('stopped'), (error) => error);
    const third = pool.take().then(note('third'));
    await vi.waitFor(() => expect(pool.counters.waiting).toBe(3));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await stopped).toBe(reason);
    first.release();
    await Promise.all([second, third]);
    expect(order).toEqual(['second', 'third']);
    expect(pool.counters).toMatchObject({ connected: 1, reused: 2, busy: 0, waiting: 0 });
  });

  it('gives the place back when connecting fails', async () => {
    let fails = true;
    const connect = (signal: AbortSignal) => {
      if (fails) return Promise.reject(new Error('no server'));
      return connectTcp({ host: '127.0.0.1', port, signal });
    };
    const pool = poolOf({ connect, maxConnections: 1 });
    await expect(pool.take().then((lease) => lease)).rejects.toThrow('no server');
    fails = false;
    using lease = await pool.take();
    expect(lease.isReused).toBe(false);
  });

  it('closes what idles when it is closed, and what is in use when it comes back', async () => {
    const pool = poolOf({ maxConnections: 2 });
    const [busy, idle] = [await pool.take(), await pool.take()];
    idle.release();
    const waiting = poolOf({ maxConnections: 1 });
    const held = await waiting.take();
    const next = waiting.take().then(undefined, (error: unknown) => String(error));
    waiting.close();
    expect(await next).toBe('Error: the pool was closed');
    held.release();
    pool.close();
    expect(idle.connection.isClosed).toBe(true);
    busy.release();
    expect(busy.connection.isClosed).toBe(true);
    await expect(pool.take().then((lease) => lease)).rejects.toThrow('the pool was closed');
  });

  it('refuses options that are none', () => {
    // SAFETY: what a JavaScript caller may pass.
    expect(() => new IdlePool({} as IdlePoolOptions)).toThrow('connect must be a function');
    expect(() => poolOf({ maxConnections: 0 })).toThrow('maxConnections must be');
    expect(() => poolOf({ maxIdle: -1 })).toThrow('maxIdle must be');
    expect(() => poolOf({ idleTimeoutMs: -1 })).toThrow('idleTimeoutMs must be');
    expect(() => poolOf({ maxAgeMs: Number.NaN })).toThrow('maxAgeMs must be');
  });
});
