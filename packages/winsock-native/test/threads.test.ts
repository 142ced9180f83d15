import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { inet_pton, SockaddrIn } from '@netloom/sockaddr';
import {
  GetCurrentThreadId,
  recv,
  SO_LINGER,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  type SocketData,
  WOULD_BLOCK,
  WSACleanup,
  WSADATA,
  WSAGetLastError,
  WSASetLastError,
  WSAStartup,
} from '@netloom/winsock-native';
import { EVENT_CLOSED, watch } from '@netloom/winsock-native/reactor';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Said {
  before: number;
  result: number;
  failed: number;
  family: number;
  afterFamily: number;
  threadId: number;
}

beforeAll(() => {
  expect(WSAStartup(0x202, new WSADATA())).toBe(0);
});
afterAll(() => {
  WSACleanup();
});

async function inWorker(): Promise<Said> {
  const worker = new Worker(new URL('./last-error-worker.mjs', import.meta.url));
  // Asked for first: a thread that ends at once says both in one go.
  const exit = once(worker, 'exit');
  const [said] = await once(worker, 'message');
  await exit;
  return said;
}

describe('threads', { timeout: 30_000 }, () => {
  test("the last error is each thread's own, and start-up is the process'", async () => {
    WSASetLastError(4711);
    expect(await inWorker()).toMatchObject({ before: 0, result: -1, failed: 10038 });
    expect(WSAGetLastError()).toBe(4711);
  });

  test("sockaddr's functions leave their error there too, in each thread", async () => {
    WSASetLastError(0);
    expect(inet_pton(77, '1.2.3.4', new Uint8Array(4))).toBe(-1);
    expect(WSAGetLastError()).toBe(10047);
    expect(inet_pton(2, 'no address', new Uint8Array(4))).toBe(0);
    expect(WSAGetLastError()).toBe(10047);
    expect(await inWorker()).toMatchObject({ family: -1, afterFamily: 10047 });
  });

  test.runIf(process.platform === 'linux')(
    "GetCurrentThreadId() is the kernel's id, as its list of this process' threads has it",
    async () => {
      const mine = GetCurrentThreadId();
      expect(mine).toBe(process.pid);
      const before = readdirSync('/proc/self/task').map(Number);
      expect(before).toContain(mine);
      const { threadId } = await inWorker();
      expect(before).not.toContain(threadId);
      expect(threadId).toBeGreaterThan(0);
    },
  );
});

/** Asks another thread and waits until it has ended. */
async function ask(workerData: Record<string, unknown>): Promise<unknown> {
  const worker = new Worker(new URL('./owner-worker.mjs', import.meta.url), { workerData });
  const exit = once(worker, 'exit');
  const [answer] = await once(worker, 'message');
  await exit;
  return answer;
}

/** Two ends; the accepted one is `server`. */
async function connected(): Promise<{ client: Socket; server: Socket }> {
  const passive = Socket.create(2, SOCK_STREAM);
  passive.bind(SockaddrIn.from({ address: '127.0.0.1', port: 0 }));
  passive.listen();
  const client = Socket.create(2, SOCK_STREAM);
  client.tryConnect(passive.localAddress);
  const watched = watch(passive);
  await new Promise((resolve) => watched.wait('read', resolve));
  const server = passive.tryAccept();
  if (server === WOULD_BLOCK) throw new Error('nobody connected');
  client.finishConnect();
  watched.close();
  passive.close();
  return { client, server };
}

function send(socket: Socket): SocketData {
  // SAFETY: the symbol is the codec's shape and not part of the declared class.
  const crossing = socket as unknown as Record<symbol, () => { data: SocketData }>;
  const taken = crossing[Symbol.for('netloom.dehydrate')]?.();
  if (taken === undefined) throw new Error('a Socket cannot cross');
  return taken.data;
}

describe('a Socket between threads', { timeout: 30_000 }, () => {
  test('works on the thread that took it, and is closed there', async () => {
    const { client, server } = await connected();
    client.trySend(Uint8Array.of(42));
    const peer = await ask({ task: 'take', sent: send(server) });
    expect(peer).toBe(String(client.localAddress));
    const into = new Uint8Array(4);
    // The blocking call: it waits for what the other thread has sent, and then for its FIN.
    const raw = client.intoRaw();
    expect(recv(raw, into, 4, 0)).toBe(1);
    expect(into[0]).toBe(42);
    expect(recv(raw, into, 4, 0)).toBe(0);
    Socket.fromRaw(raw).close();
    expect(server.isOpen).toBe(false);
  });

  test('knows its peer there without asking, so that a reset is told with it', async () => {
    const { client, server } = await connected();
    const peer = String(client.localAddress);
    const gone = watch(server);
    const hangup = new Promise((resolve) => gone.wait('read', resolve));
    client.setOption(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
    client.close();
    await hangup;
    gone.close();
    expect(await ask({ task: 'takeReset', sent: send(server) })).toEqual({
      peer,
      message: `recv from ${peer}: connection reset by peer (ECONNRESET, 10054)`,
    });
  });

  test('carries nothing but numbers and a short string', async () => {
    const { client, server } = await connected();
    const sent = send(server);
    expect(Object.values(sent).map((part) => typeof part)).toEqual(['number', 'number', 'string']);
    expect(sent.peer?.length).toBe(SockaddrIn.SIZE);
    // SAFETY: the codec's shape.
    const revive = Socket as unknown as Record<symbol, (data: SocketData) => Socket>;
    revive[Symbol.for('netloom.revive')]?.(sent).close();
    client.close();
  });

  test('is closed by the environment that owns it when that ends', async () => {
    const { client, server } = await connected();
    expect(await ask({ task: 'keep', sent: send(server) })).toBe(true);
    const raw = client.intoRaw();
    expect(recv(raw, new Uint8Array(1), 1, 0)).toBe(0);
    Socket.fromRaw(raw).close();
  });

  test('whose number another thread closes wakes its waiter with CLOSED', async () => {
    const { client, server } = await connected();
    const watched = watch(server);
    const woken = new Promise((resolve) => watched.wait('read', resolve));
    expect(await ask({ task: 'closeNumber', handle: server.handle })).toBe(0);
    expect(await woken).toBe(EVENT_CLOSED);
    expect(() => server.tryRecv(new Uint8Array(1))).toThrow(/EBADF/);
    client.close();
  });

  test('whose number another thread closes, and which is used again at once, is over', async () => {
    const { client, server } = await connected();
    const number = server.handle;
    expect(await ask({ task: 'closeNumber', handle: number })).toBe(0);
    // The kernel gives out the lowest number that is free.
    const made = Array.from({ length: 64 }, () => Socket.create(2, SOCK_DGRAM));
    const stranger = made.find(({ handle }) => handle === number);
    expect(() => server.tryRecv(new Uint8Array(1))).toThrow(/EBADF/);
    expect(() => server.intoRaw()).toThrow(/EBADF/);
    server.close();
    // Still open: the kernel knows its name.
    expect(stranger?.localAddress.family).toBe(2);
    for (const socket of [...made, client]) socket.close();
  });

  test('is taken by one of two threads that try; the giver refuses', async () => {
    const { client, server } = await connected();
    const sent = send(server);
    const answers = await Promise.all([
      ask({ task: 'contend', sent }),
      ask({ task: 'contend', sent }),
    ]);
    expect(answers.filter((answer) => answer === 'taken')).toHaveLength(1);
    // Busy while the other has it, and gone once that thread has ended.
    expect(['EBUSY', 'EBADF']).toContain(answers.find((answer) => answer !== 'taken'));
    expect(() => server.tryRecv(new Uint8Array(1))).toThrow(/EBADF/);
    const raw = client.intoRaw();
    expect(recv(raw, new Uint8Array(1), 1, 0)).toBe(0);
    Socket.fromRaw(raw).close();
  });
});
