import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { connectTcp } from '@netloom/client';
import { type Clock, coroutine, setClock } from '@netloom/coroutines';
import {
  AF_INET,
  AF_INET6,
  IPPROTO_TCP,
  SockaddrIn,
  SockaddrIn6,
  type SockaddrLike,
} from '@netloom/sockaddr';
import {
  getAddrInfo,
  SOCK_STREAM,
  Socket,
  SocketError,
  WOULD_BLOCK,
} from '@netloom/winsock-native';
import { watch } from '@netloom/winsock-native/reactor';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

class Listener implements Disposable {
  readonly socket: Socket;
  readonly port: number;

  constructor(address = '127.0.0.1', backlog = 5) {
    const isIpv6 = address.includes(':');
    this.socket = Socket.create(isIpv6 ? AF_INET6 : AF_INET, SOCK_STREAM, IPPROTO_TCP);
    const kind = isIpv6 ? SockaddrIn6 : SockaddrIn;
    this.socket.bind(kind.from({ address, port: 0 }));
    this.socket.listen(backlog);
    this.port = portOf(this.socket.localAddress);
  }

  accept(): Socket {
    const accepted = this.socket.tryAccept();
    if (accepted === WOULD_BLOCK) throw new Error('nobody has connected');
    return accepted;
  }

  [Symbol.dispose](): void {
    this.socket.close();
  }
}

function portOf(address: SockaddrLike): number {
  if ('port' in address && address.port !== undefined) return address.port;
  throw new Error(`no port in ${String(address)}`);
}

/** A port that was free a moment ago. */
function freePort(): number {
  using listener = new Listener();
  return listener.port;
}

/** Starts at once, and gives the error; fails itself when there is none. */
function failureOf(waited: PromiseLike<unknown>): PromiseLike<unknown> {
  return waited.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error,
  );
}

/** The kernel's state of the sockets connecting to a port: '02' is SYN_SENT. */
function statesTowards(port: number): string[] {
  const remote = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const rows = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  return rows.flatMap((row) => {
    const [, , to = '', state = ''] = row.trim().split(/\s+/);
    return to.endsWith(remote) ? [state] : [];
  });
}

/**
 * Sockets and what watches them; files are left out: Node and the runner open some of their own at any time, and close
 * them when they like.
 */
function openDescriptors(): number {
  // WINDOWS: nothing lists them; Wine shows Linux' own, and its.
  if (process.platform !== 'linux') return 0;
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /^(socket|anon_inode):/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false; // the descriptor that read the folder
    }
  }).length;
}

let before = 0;

beforeEach(async () => {
  // The first look-up of a thread opens what tells of answers, which stays …
  await getAddrInfo('127.0.0.1');
  // … and the first watch its reactor.
  const socket = Socket.create(AF_INET, SOCK_STREAM, IPPROTO_TCP);
  watch(socket).close();
  socket.close();
  before = openDescriptors();
});

afterEach(() => {
  setClock(undefined);
  expect(openDescriptors(), 'open descriptors').toBe(before);
});

/** Time that stands still until the one timer is fired by hand. */
function handClock(): { fire: () => void; timers: () => number } {
  let nowMs = 0;
  let alarms: { atMs: number; fire: () => void }[] = [];
  const clock: Clock = {
    now: () => nowMs,
    setTimer: (ms, fire) => {
      const alarm = { atMs: nowMs + ms, fire };
      alarms.push(alarm);
      return {
        cancel: () => {
          alarms = alarms.filter((one) => one !== alarm);
        },
      };
    },
  };
  setClock(clock);
  const fire = () => {
    const due = alarms;
    alarms = [];
    nowMs = Math.max(nowMs, ...due.map((alarm) => alarm.atMs));
    for (const alarm of due) alarm.fire();
  };
  return { fire, timers: () => alarms.length };
}

/** A listener whose queue is full, so that the next connect gets no answer. */
class FullListener extends Listener {
  readonly #waiting: Socket[] = [];

  constructor() {
    super('127.0.0.1', 0);
    // Linux holds backlog + 1 finished connections.
    const socket = Socket.create(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    socket.tryConnect(this.socket.localAddress);
    this.#waiting.push(socket);
  }

  override [Symbol.dispose](): void {
    for (const socket of this.#waiting) socket.close();
    super[Symbol.dispose]();
  }
}

describe('connectTcp()', () => {
  it.each([
    ['an IPv4 address', '127.0.0.1', '127.0.0.1'],
    ['an IPv6 address', '::1', '::1'],
    ['an IPv6 address in brackets', '[::1]', '::1'],
    ['a name', 'localhost', '127.0.0.1'],
  ])('connects to %s, and the connection carries bytes', async (_what, host, address) => {
    using listener = new Listener(address);
    using connection = await connectTcp({ host, port: listener.port });
    using accepted = listener.accept();
    expect(String(connection.peer)).toBe(String(listener.socket.localAddress));
    expect(String(connection.local)).toBe(String(accepted.peerAddress));
    accepted.trySend(new TextEncoder().encode('hello\n'));
    expect(await connection.lines().next()).toBe('hello');
    await connection.send(Uint8Array.of(1, 2, 3));
    expect(connection.counters).toMatchObject({ bytesSent: 3, bytesReceived: 6 });
  });

  it('connects in a coroutine too', async () => {
    using listener = new Listener();
    const connect = coroutine(function* () {
      const connection = yield* connectTcp({ host: '127.0.0.1', port: listener.port });
      connection.close();
      return connection.isClosed;
    });
    expect(await connect()).toBe(true);
    listener.accept().close();
  });

  it('says whom it could not reach, and why', async () => {
    const port = freePort();
    const error = await failureOf(connectTcp({ host: '127.0.0.1', port }));
    expect(error).toBeInstanceOf(SocketError);
    expect(error).toMatchObject({
      message: `connect to 127.0.0.1:${port}: connection refused (ECONNREFUSED, 10061)`,
      code: 'ECONNREFUSED',
      wsaCode: 10061,
      syscall: 'connect',
      address: '127.0.0.1',
      port,
    });
  });

  it('tries every address of a name, and lists them all when none answers', async () => {
    const port = freePort();
    const error = await failureOf(connectTcp({ host: 'localhost', port }));
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
    expect(String(error)).toContain(`connect to 127.0.0.1:${port}: connection refused`);
    expect(error instanceof Error && error.stack).toContain('127.0.0.1');
  });

  it('names the name that has no address', async () => {
    const error = await failureOf(connectTcp({ host: 'nobody.invalid', port: 80 }));
    expect(error).toBeInstanceOf(SocketError);
    expect(error).toMatchObject({ syscall: 'getaddrinfo', hostname: 'nobody.invalid' });
    expect(String(error)).toContain('getaddrinfo of "nobody.invalid": ');
  });

  it('shows what was attempted when nobody catches its error', () => {
    const program =
      "import { connectTcp } from '@netloom/client';" +
      "await connectTcp({ host: 'nobody.invalid', port: 80 });";
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', program],
      { cwd: fileURLToPath(new URL('.', import.meta.url)), encoding: 'utf8', timeout: 20_000 },
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/SocketError: getaddrinfo of "nobody\.invalid": /);
  });

  it('comes from the address and the port it is told to', async () => {
    using listener = new Listener();
    const localPort = freePort();
    using connection = await connectTcp({
      host: '127.0.0.1',
      port: listener.port,
      localAddress: '127.0.0.2',
      localPort,
    });
    using accepted = listener.accept();
    expect(String(accepted.peerAddress)).toBe(`127.0.0.2:${localPort}`);
    expect(String(connection.local)).toBe(`127.0.0.2:${localPort}`);
  });

  it('takes a local port without an address', async () => {
    using listener = new Listener('::1');
    const localPort = freePort();
    using connection = await connectTcp({ host: '::1', port: listener.port, localPort });
    using _accepted = listener.accept();
    expect(String(connection.local)).toBe(`[::1]:${localPort}`);
  });

  it('fails with EADDRINUSE and the local address when its port is taken', async () => {
    using listener = new Listener();
    using other = new Listener();
    const { port, socket } = listener;
    const options = { host: '127.0.0.1', port: other.port, localAddress: '127.0.0.1' };
    const error = await failureOf(connectTcp({ ...options, localPort: port }));
    expect(error).toMatchObject({ code: 'EADDRINUSE', wsaCode: 10048, syscall: 'bind' });
    expect(String(error)).toContain(String(socket.localAddress));
  });

  it('does not try addresses of another family than localAddress', async () => {
    const options = { host: '::1', port: 9, localAddress: '127.0.0.1' };
    const error = await failureOf(connectTcp(options));
    expect(error).toMatchObject({ code: 'EADDRNOTAVAIL' });
    expect(String(error)).toContain('::1 has no address of the family of localAddress');
  });

  it('fails with ETIMEDOUT when nobody answers in time, and leaves no socket', async () => {
    const clock = handClock();
    using listener = new FullListener();
    const { port } = listener;
    const connecting = connectTcp({ host: '127.0.0.1', port, timeoutMs: 500 });
    const failure = failureOf(connecting);
    expect(statesTowards(port)).toContain('02');
    // The event loop has had every opportunity to take silence for an answer.
    for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(connecting.isPending).toBe(true);
    clock.fire();
    expect(await failure).toMatchObject({
      message: `connect to 127.0.0.1:${port}: timed out (ETIMEDOUT, 10060), timeoutMs of 500 passed`,
      code: 'ETIMEDOUT',
      wsaCode: 10060,
    });
    expect(statesTowards(port)).not.toContain('02');
    expect(clock.timers()).toBe(0);
  });

  it('takes an answer that came in time, though the event loop was busy until after the deadline', async () => {
    using listener = new Listener();
    const connecting = connectTcp({ host: '127.0.0.1', port: listener.port, timeoutMs: 20 });
    const connected = connecting.then((connection) => connection);
    expect(connecting.isPending).toBe(true);
    // The kernel has connected already; here nobody looks.
    using accepted = listener.accept();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60);
    using connection = await connected;
    expect(String(connection.peer)).toBe(String(accepted.localAddress));
  });

  it('counts the look-up in timeoutMs', async () => {
    const clock = handClock();
    // The system may have the answer before the deadline has been looked at.
    const lookUp = () => new Promise<never>(() => {});
    const failure = failureOf(connectTcp({ host: 'localhost', port: 9, timeoutMs: 500, lookUp }));
    clock.fire();
    expect(String(await failure)).toContain('timeoutMs of 500 passed while looking up "localhost"');
  });

  it('has a time limit by itself', async () => {
    const clock = handClock();
    using listener = new FullListener();
    const failure = failureOf(connectTcp({ host: '127.0.0.1', port: listener.port }));
    expect(clock.timers()).toBe(1);
    clock.fire();
    expect(String(await failure)).toContain('timeoutMs of 10000 passed');
  });

  it('leaves no timer behind when it has connected', async () => {
    const clock = handClock();
    using listener = new Listener();
    using _connection = await connectTcp({ host: '127.0.0.1', port: listener.port });
    using _accepted = listener.accept();
    expect(clock.timers()).toBe(0);
  });

  it("closes the half-open socket when its signal aborts, with the signal's reason", async () => {
    using listener = new FullListener();
    const { port } = listener;
    const controller = new AbortController();
    const { signal } = controller;
    const failure = failureOf(connectTcp({ host: '127.0.0.1', port, signal }));
    expect(statesTowards(port)).toContain('02');
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await failure).toBe(reason);
    expect(statesTowards(port)).not.toContain('02');
  });

  it('closes the half-open socket when its coroutine is cancelled', async () => {
    using listener = new FullListener();
    const { port } = listener;
    const connect = coroutine(function* () {
      return yield* connectTcp({ host: '127.0.0.1', port });
    });
    const action = connect();
    expect(statesTowards(port)).toContain('02');
    action.cancel();
    expect(await failureOf(action)).toMatchObject({ name: 'CanceledError' });
    expect(statesTowards(port)).not.toContain('02');
  });

  it('drops the look-up of a connect that was cancelled meanwhile', async () => {
    using listener = new Listener();
    const controller = new AbortController();
    const { signal } = controller;
    const { port } = listener;
    const failure = failureOf(connectTcp({ host: 'localhost', port, signal }));
    controller.abort();
    expect(await failure).toMatchObject({ name: 'AbortError' });
    // A second look-up of the same name ends after the first.
    using _connection = await connectTcp({ host: 'localhost', port });
    listener.accept().close();
    expect(() => listener.accept()).toThrow('nobody has connected');
  });

  it('does not take its own echo for a server', async () => {
    const port = freePort();
    const options = { host: '127.0.0.1', port, localAddress: '127.0.0.1', localPort: port };
    const error = await failureOf(connectTcp(options));
    expect(error).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('waits on where the wake-up came before the answer', async () => {
    const clock = handClock();
    using listener = new Listener();
    const finish = vi.spyOn(Socket.prototype, 'finishConnect').mockReturnValueOnce(WOULD_BLOCK);
    const connecting = connectTcp({ host: '127.0.0.1', port: listener.port, timeoutMs: 500 });
    const failure = failureOf(connecting);
    await vi.waitFor(() => expect(finish).toHaveBeenCalledOnce());
    finish.mockRestore();
    expect(connecting.isPending).toBe(true);
    clock.fire();
    expect(await failure).toMatchObject({ code: 'ETIMEDOUT' });
  });

  it('gives the connection the timeouts it is to have', async () => {
    using listener = new Listener();
    const clock = handClock();
    using connection = await connectTcp({
      host: '127.0.0.1',
      port: listener.port,
      connection: { receiveTimeoutMs: 5 },
    });
    using _accepted = listener.accept();
    const failure = failureOf(connection.recv(new Uint8Array(1)));
    clock.fire();
    expect(await failure).toMatchObject({ code: 'ETIMEDOUT', syscall: 'recv' });
  });
});

describe('connectTcp() refuses', () => {
  const cases: [what: string, options: Record<string, unknown>, message: RegExp, kind: unknown][] =
    [
      ['no host', { host: '' }, /host must be an address or a name.*got ""/, TypeError],
      ['a host that is no string', { host: 5 }, /got 5/, TypeError],
      ['port 0', { port: 0 }, /port must be an integer from 1 to 65535: got 0/, RangeError],
      ['port 70000', { port: 70_000 }, /got 70000/, RangeError],
      ['a port as text', { port: '80' }, /got "80"/, RangeError],
      [
        'a local port out of range',
        { localPort: -1 },
        /localPort .* from 0 to 65535: got -1/,
        RangeError,
      ],
      [
        'a local name',
        { localAddress: 'localhost' },
        /localAddress must be .*"localhost"/,
        TypeError,
      ],
      ['a negative time', { timeoutMs: -1 }, /timeoutMs .* got -1/, RangeError],
      ['a zone that is no interface', { host: 'fe80::1%nowhere' }, /nowhere/, RangeError],
    ];
  it.each(cases)('%s', (_what, options, message, kind) => {
    // SAFETY: what a JavaScript caller may pass.
    const given = { host: '127.0.0.1', port: 80, ...options } as { host: string; port: number };
    expect(() => connectTcp(given)).toThrow(message);
    expect(() => connectTcp(given)).toThrow(kind as ErrorConstructor);
  });
});
