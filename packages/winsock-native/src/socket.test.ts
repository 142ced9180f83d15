import { readdirSync, readlinkSync } from 'node:fs';
import { inspect } from 'node:util';
import {
  AF_INET,
  AF_INET6,
  AF_UNIX,
  IPPROTO_TCP,
  SockaddrIn,
  SockaddrIn6,
  SockaddrUn,
} from '@netloom/sockaddr';
import {
  closesocket,
  INVALID_SOCKET,
  IPV6_V6ONLY,
  MSG_TRUNC,
  POLLIN,
  POLLOUT,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_RCVTIMEO,
  SO_TYPE,
  SOCK_DGRAM,
  SOCK_STREAM,
  SOL_SOCKET,
  Socket,
  type SocketData,
  SocketError,
  socket,
  TCP_NODELAY,
  WOULD_BLOCK,
  WSACleanup,
  WSADATA,
  WSAPoll,
  WSAStartup,
} from '@netloom/winsock-native';
import { afterEach, describe, expect, test } from 'vitest';

const opened: Socket[] = [];
afterEach(() => {
  for (const one of opened.splice(0)) one.close();
});

function own(one: Socket): Socket {
  opened.push(one);
  return one;
}

function tcp(): Socket {
  return own(Socket.create(AF_INET, SOCK_STREAM));
}

function loopback(port = 0): SockaddrIn {
  return SockaddrIn.from({ address: '127.0.0.1', port });
}

function listener(): Socket {
  const passive = tcp();
  passive.bind(loopback());
  passive.listen();
  return passive;
}

/** Waits in the kernel until a socket has one of the events; Socket itself never waits. */
function poll(one: Socket, events: number): void {
  WSAStartup(0x202, new WSADATA());
  const count = WSAPoll([{ fd: one.handle, events, revents: 0 }], 1, 5000);
  WSACleanup();
  expect(count).toBe(1);
}

function accept(passive: Socket): Socket {
  poll(passive, POLLIN);
  const accepted = passive.tryAccept();
  if (accepted === WOULD_BLOCK) throw new Error('nobody connected');
  return own(accepted);
}

function connected(): { client: Socket; server: Socket } {
  const passive = listener();
  const client = tcp();
  if (client.tryConnect(passive.localAddress) === WOULD_BLOCK) {
    poll(client, POLLOUT);
    client.finishConnect();
  }
  return { client, server: accept(passive) };
}

function errorOf(act: () => unknown): SocketError {
  try {
    act();
  } catch (error) {
    if (error instanceof SocketError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** How many sockets this process has open, by the kernel's list. */
function openSockets(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
    } catch {
      return false; // the descriptor that read the folder
    }
  }).length;
}

describe('Socket', () => {
  test('needs no WSAStartup: two of them talk', () => {
    const { client, server } = connected();
    expect(client.trySend(Uint8Array.of(1, 2, 3))).toBe(3);
    poll(server, POLLIN);
    const into = new Uint8Array(8);
    expect(server.tryRecv(into)).toBe(3);
    expect([...into]).toEqual([1, 2, 3, 0, 0, 0, 0, 0]);
    expect(server.tryRecv(into)).toBe(WOULD_BLOCK);
    client.shutdown('send');
    poll(server, POLLIN);
    expect(server.tryRecv(into)).toBe(0);
    expect(server.tryRecv(into)).toBe(0);
  });

  test('a listener nobody connects to has nothing to accept', () => {
    expect(listener().tryAccept()).toBe(WOULD_BLOCK);
  });

  test('an accepted socket knows its peer, and both know both ends', () => {
    const { client, server } = connected();
    expect(String(server.peerAddress)).toBe(String(client.localAddress));
    expect(String(client.peerAddress)).toBe(String(server.localAddress));
    expect(server.peerAddress).toBeInstanceOf(SockaddrIn);
    expect(server.family).toBe(AF_INET);
    expect(server.generation).toBeGreaterThan(0);
  });

  test('speaks IPv6 and Unix streams', () => {
    const six = own(Socket.create(AF_INET6, SOCK_STREAM));
    six.bind(SockaddrIn6.from({ address: '::1', port: 0 }));
    expect(six.localAddress).toBeInstanceOf(SockaddrIn6);

    const name = SockaddrUn.from({ abstractName: `netloom-${process.pid}` });
    const passive = own(Socket.create(AF_UNIX, SOCK_STREAM));
    passive.bind(name);
    passive.listen(1);
    expect(String(passive.localAddress)).toBe(String(name));
    const client = own(Socket.create(AF_UNIX, SOCK_STREAM));
    expect(client.tryConnect(name)).toBe(undefined);
    expect(String(client.peerAddress)).toBe(String(name));
    expect(String(accept(passive).peerAddress)).toBe('(unnamed)');
  });

  test('a peer is remembered beyond close(), a socket without one has undefined', () => {
    const { client, server } = connected();
    const text = String(server.peerAddress);
    server.close();
    expect(String(server.peerAddress)).toBe(text);
    expect(tcp().peerAddress).toBe(undefined);
    client.close();
  });

  test('a peer is who the kernel connected to, not what was asked for', () => {
    const passive = tcp();
    passive.bind(SockaddrIn.from({ address: '0.0.0.0', port: 0 }));
    passive.listen();
    const { port } = passive.localAddress;
    const client = tcp();
    expect(client.tryConnect(SockaddrIn.from({ address: '0.0.0.0', port: port ?? 0 }))).toBe(
      WOULD_BLOCK,
    );
    poll(client, POLLOUT);
    client.finishConnect();
    expect(String(client.peerAddress)).toBe(`127.0.0.1:${port}`);

    const datagrams = own(Socket.create(AF_INET, SOCK_DGRAM));
    expect(datagrams.tryConnect(SockaddrIn.from({ address: '0.0.0.0', port: 9 }))).toBe(undefined);
    expect(String(datagrams.peerAddress)).toBe('127.0.0.1:9');
    datagrams.tryConnect(loopback(10));
    expect(String(datagrams.peerAddress)).toBe('127.0.0.1:10');
  });

  test('a peer is the structure of whoever asks: to change one changes no other', () => {
    const passive = listener();
    const name = SockaddrIn.from({ address: '127.0.0.1', port: passive.localAddress.port ?? 0 });
    const text = String(name);
    const client = tcp();
    client.tryConnect(name);
    name.bytes.fill(0);
    poll(client, POLLOUT);
    client.finishConnect();
    expect(String(client.peerAddress)).toBe(text);
    client.peerAddress?.bytes.fill(0);
    expect(String(client.peerAddress)).toBe(text);

    const gone = listener();
    const refusing = SockaddrIn.from({ address: '127.0.0.1', port: gone.localAddress.port ?? 0 });
    const refusingText = String(refusing);
    gone.close();
    const refused = tcp();
    refused.tryConnect(refusing);
    refusing.bytes.fill(0);
    poll(refused, POLLOUT);
    expect(errorOf(() => refused.finishConnect()).message).toContain(refusingText);
  });

  test('cannot be made with new', () => {
    // SAFETY: the point of the test is a call that the types refuse.
    const Bare = Socket as unknown as new (...all: unknown[]) => Socket;
    expect(() => new Bare()).toThrow(/^Socket .*Socket\.create\(\)/);
    expect(() => new Bare(3, 1, 2, undefined, true)).toThrow(TypeError);
  });

  test('closes once, may be closed twice, and holds INVALID_SOCKET from then on', () => {
    const before = openSockets();
    const one = Socket.create(AF_INET, SOCK_STREAM);
    expect(openSockets()).toBe(before + 1);
    expect(one.isOpen).toBe(true);
    one.close();
    one.close();
    expect(one.isOpen).toBe(false);
    expect(one.handle).toBe(INVALID_SOCKET);
    expect(openSockets()).toBe(before);
  });

  test('using closes it', () => {
    const before = openSockets();
    {
      using one = Socket.create(AF_INET, SOCK_STREAM);
      expect(one.isOpen).toBe(true);
    }
    expect(openSockets()).toBe(before);
  });

  test('refuses every use after close() with EBADF, and says why', () => {
    const one = tcp();
    one.close();
    const uses: Record<string, () => unknown> = {
      bind: () => one.bind(loopback()),
      listen: () => one.listen(),
      connect: () => one.tryConnect(loopback(1)),
      recv: () => one.tryRecv(new Uint8Array(1)),
      send: () => one.trySend(new Uint8Array(1)),
      accept: () => one.tryAccept(),
      getsockname: () => one.localAddress,
      getsockopt: () => one.getOption(SOL_SOCKET, SO_TYPE),
      setsockopt: () => one.setOption(SOL_SOCKET, SO_KEEPALIVE, true),
      shutdown: () => one.shutdown('both'),
      intoRaw: () => one.intoRaw(),
    };
    for (const [syscall, use] of Object.entries(uses)) {
      const error = errorOf(use);
      expect(error).toMatchObject({ code: 'EBADF', wsaCode: 10038, syscall });
      expect(String(error.cause)).toContain('was closed before');
    }
  });

  test('never reaches a stranger: its number closed behind its back and used again', () => {
    const one = tcp();
    WSAStartup(0x202, new WSADATA());
    closesocket(one.handle);
    WSACleanup();
    const stranger = tcp();
    expect(stranger.handle).toBe(one.handle);
    expect(errorOf(() => one.bind(loopback())).code).toBe('EBADF');
    one.close();
    stranger.bind(loopback());
  });
});

describe('ownership', () => {
  test('intoRaw() gives the handle away, fromRaw() takes it; the old owner refuses', () => {
    const { client, server } = connected();
    const peer = String(server.peerAddress);
    const raw = server.intoRaw();
    expect(server.isOpen).toBe(false);
    expect(server.handle).toBe(INVALID_SOCKET);
    expect(String(errorOf(() => server.tryRecv(new Uint8Array(1))).cause)).toContain('gave its');
    server.close();
    const taken = own(Socket.fromRaw(raw));
    expect(taken.handle).toBe(raw);
    expect(taken.family).toBe(AF_INET);
    expect(String(taken.peerAddress)).toBe(peer);
    expect(taken.trySend(Uint8Array.of(1))).toBe(1);
    client.close();
  });

  test('two Sockets never hold one handle', () => {
    const one = tcp();
    expect(errorOf(() => Socket.fromRaw(one.handle)).code).toBe('EBUSY');
  });

  test('fromRaw() takes what socket() returned, and refuses what is not open or no socket', () => {
    WSAStartup(0x202, new WSADATA());
    const raw = socket(AF_INET, SOCK_DGRAM, 0);
    const one = own(Socket.fromRaw(raw));
    expect(one.getOption(SOL_SOCKET, SO_TYPE)).toBe(SOCK_DGRAM);
    one.close();
    WSACleanup();
    expect(errorOf(() => Socket.fromRaw(raw)).code).toBe('EBADF');
    expect(errorOf(() => Socket.fromRaw(INVALID_SOCKET)).code).toBe('EBADF');
    // SAFETY: the point of the test is a value that the types refuse.
    expect(() => Socket.fromRaw('3' as never)).toThrow(TypeError);
  });
});

describe('crossing', () => {
  const dehydrate = Symbol.for('netloom.dehydrate');
  const revive = Symbol.for('netloom.revive');
  const discard = Symbol.for('netloom.discard');

  interface Crossing {
    data: SocketData;
    module: string;
    exportName: string;
  }

  // SAFETY: the symbols are the codec's shape and not part of the declared class.
  const statics = Socket as unknown as Record<symbol, (sent: SocketData) => Socket>;

  function send(one: Socket): Crossing {
    // SAFETY: as above.
    const take = (one as unknown as Record<symbol, () => Crossing>)[dehydrate];
    if (take === undefined) throw new Error('a Socket cannot cross');
    return take.call(one);
  }

  test('leaves a plain handle and generation, and the way to the class', async () => {
    const one = tcp();
    const { handle, generation } = one;
    const sent = send(one);
    expect(sent.data).toEqual({ handle, generation });
    expect(one.isOpen).toBe(false);
    const found: unknown = await import(sent.module);
    expect(found).toHaveProperty(sent.exportName, Socket);
    const arrived = statics[revive]?.(sent.data);
    expect(arrived?.handle).toBe(handle);
    arrived?.close();
  });

  test('a sent socket is revived once, and a discard after that closes nothing', () => {
    const { client, server } = connected();
    const { data } = send(server);
    const arrived = own(statics[revive]?.(data) ?? server);
    expect(errorOf(() => statics[revive]?.(data)).code).toBe('EBUSY');
    statics[discard]?.(data);
    expect(arrived.trySend(Uint8Array.of(1))).toBe(1);
    client.close();
  });

  test('discard closes what nobody took, once; a reused number stays untouched', () => {
    const before = openSockets();
    const { data } = send(Socket.create(AF_INET, SOCK_STREAM));
    expect(openSockets()).toBe(before + 1);
    statics[discard]?.(data);
    expect(openSockets()).toBe(before);
    const stranger = tcp();
    expect(stranger.handle).toBe(data.handle);
    statics[discard]?.(data);
    expect(stranger.isOpen).toBe(true);
    stranger.bind(loopback());
    expect(errorOf(() => statics[revive]?.(data)).code).toMatch(/EBADF|EBUSY/);
  });

  test('one that was closed cannot cross', () => {
    const one = tcp();
    one.close();
    expect(errorOf(() => send(one)).code).toBe('EBADF');
  });
});

describe('errors', () => {
  test('bind() to a port in use says which', () => {
    const taken = listener().localAddress;
    const error = errorOf(() => tcp().bind(taken));
    expect(error).toMatchObject({
      code: 'EADDRINUSE',
      errno: -98,
      wsaCode: 10048,
      wsaName: 'WSAEADDRINUSE',
      syscall: 'bind',
      address: '127.0.0.1',
      port: taken.port,
    });
    expect(error.message).toBe(`bind to ${taken}: address already in use (EADDRINUSE, 10048)`);
  });

  test('finishConnect() says who refused', () => {
    const passive = listener();
    const gone = passive.localAddress;
    passive.close();
    const client = tcp();
    expect(client.tryConnect(gone)).toBe(WOULD_BLOCK);
    poll(client, POLLOUT);
    const error = errorOf(() => client.finishConnect());
    expect(error).toMatchObject({ code: 'ECONNREFUSED', wsaCode: 10061, port: gone.port });
    expect(client.peerAddress).toBe(undefined);
  });

  test('finishConnect() of a connect under way would block, and has no peer yet', () => {
    const passive = tcp();
    passive.bind(loopback());
    passive.listen(0);
    const name = passive.localAddress;
    const first = tcp();
    first.tryConnect(name);
    poll(first, POLLOUT);
    // The one place of the queue is taken: Linux drops the handshake of the next and lets it try again.
    const second = tcp();
    expect(second.tryConnect(name)).toBe(WOULD_BLOCK);
    WSAStartup(0x202, new WSADATA());
    const ready = WSAPoll([{ fd: second.handle, events: POLLOUT, revents: 0 }], 1, 0);
    WSACleanup();
    expect(ready).toBe(0);
    expect(second.finishConnect()).toBe(WOULD_BLOCK);
    expect(second.peerAddress).toBe(undefined);
    accept(passive);
    poll(second, POLLOUT);
    expect(second.finishConnect()).toBe(undefined);
    expect(String(second.peerAddress)).toBe(String(name));
    expect(second.finishConnect()).toBe(undefined);
  });

  test('finishConnect() without a connect under way is ENOTCONN, after a refusal too', () => {
    expect(errorOf(() => tcp().finishConnect())).toMatchObject({
      code: 'ENOTCONN',
      syscall: 'connect',
    });
    const passive = listener();
    const gone = passive.localAddress;
    passive.close();
    const client = tcp();
    client.tryConnect(gone);
    poll(client, POLLOUT);
    expect(errorOf(() => client.finishConnect()).code).toBe('ECONNREFUSED');
    expect(errorOf(() => client.finishConnect()).code).toBe('ENOTCONN');
  });

  test('a reset names the peer also where nobody had asked for it', () => {
    const { client, server } = connected();
    const peer = server.localAddress;
    server.setOption(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
    server.close();
    poll(client, POLLIN);
    const error = errorOf(() => client.tryRecv(new Uint8Array(1)));
    expect(error.message).toBe(`recv from ${peer}: connection reset by peer (ECONNRESET, 10054)`);
    expect(String(client.peerAddress)).toBe(String(peer));
  });

  test('a reset names the peer', () => {
    const { client, server } = connected();
    const peer = client.localAddress;
    client.setOption(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
    client.close();
    poll(server, POLLIN);
    const error = errorOf(() => server.tryRecv(new Uint8Array(1)));
    expect(error.message).toBe(`recv from ${peer}: connection reset by peer (ECONNRESET, 10054)`);
  });

  test('EPIPE is 10058 after an own shutdown, 10057 if never connected, else 10054', () => {
    const first = connected();
    first.client.shutdown('send');
    const shut = errorOf(() => first.client.trySend(Uint8Array.of(1)));
    expect([shut.code, shut.wsaCode]).toEqual(['EPIPE', 10058]);
    expect(shut.message).toContain(': sending direction is shut (EPIPE, 10058)');
    const never = errorOf(() => tcp().trySend(Uint8Array.of(1)));
    expect([never.code, never.wsaCode]).toEqual(['EPIPE', 10057]);
    expect(never.message).toBe('send: not connected (EPIPE, 10057)');
    const { client, server } = connected();
    client.setOption(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 });
    client.close();
    poll(server, POLLIN);
    expect(errorOf(() => server.trySend(Uint8Array.of(1))).code).toBe('ECONNRESET');
    const later = errorOf(() => server.trySend(Uint8Array.of(1)));
    expect([later.code, later.wsaCode]).toEqual(['EPIPE', 10054]);
    expect(later.message).toContain(': connection reset by peer (EPIPE, 10054)');
  });

  test('create() says what the system does not have', () => {
    expect(errorOf(() => Socket.create(250, SOCK_STREAM)).code).toBe('EAFNOSUPPORT');
    expect(errorOf(() => Socket.create(AF_INET, SOCK_STREAM, 17)).code).toBe('EPROTONOSUPPORT');
  });

  test('wrong arguments are TypeErrors and RangeErrors that show the value', () => {
    const one = tcp();
    expect(() => one.tryRecv(new Uint8Array(0))).toThrow(RangeError);
    expect(() => one.listen(-1)).toThrow('backlog must be an integer from 0 to 65535: got -1');
    // SAFETY: the point of the lines below are values that the types refuse.
    expect(() => one.shutdown('all' as never)).toThrow(/'receive', 'send' or 'both': got all/);
    expect(() => one.bind('127.0.0.1' as never)).toThrow(TypeError);
    expect(() => one.tryRecv('x' as never)).toThrow(TypeError);
    expect(() => one.trySend('x' as never)).toThrow(TypeError);
    expect(() => one.tryRecv(new Uint8Array(1), 'x' as never)).toThrow(TypeError);
    expect(() => one.setOption(SOL_SOCKET, SO_LINGER, 5)).toThrow(/SO_LINGER/);
    expect(() => Socket.create('2' as never, 1)).toThrow(TypeError);
  });

  test.each([2 ** 32 + 2, -(2 ** 31) - 1, 2.5, Number.NaN])(
    'a number that no int of C holds is a RangeError that names it: %d',
    (number) => {
      const one = tcp();
      const uses: Record<string, () => unknown> = {
        'Socket.create: family': () => Socket.create(number, SOCK_STREAM),
        'Socket.create: type': () => Socket.create(AF_INET, number),
        'Socket.create: protocol': () => Socket.create(AF_INET, SOCK_STREAM, number),
        'Socket.getOption: level': () => one.getOption(number, SO_TYPE),
        'Socket.getOption: option': () => one.getOption(SOL_SOCKET, number),
        'Socket.setOption: level': () => one.setOption(number, SO_KEEPALIVE, 1),
        'Socket.setOption: option': () => one.setOption(SOL_SOCKET, number, 1),
        'recv: flags': () => one.tryRecv(new Uint8Array(1), number),
        'send: flags': () => one.trySend(new Uint8Array(1), number),
      };
      for (const [what, use] of Object.entries(uses)) {
        expect(use, what).toThrow(RangeError);
        expect(use, what).toThrow(new RegExp(`^${what} must be an integer .*got ${number}$`));
      }
    },
  );

  test('tryRecv() cuts a datagram, and tells its true length where MSG_TRUNC asks for it', () => {
    const receiver = own(Socket.create(AF_INET, SOCK_DGRAM));
    receiver.bind(loopback());
    const sender = own(Socket.create(AF_INET, SOCK_DGRAM));
    sender.tryConnect(receiver.localAddress);
    const into = new Uint8Array(3);
    for (const [flags, length] of [
      [0, 3],
      [MSG_TRUNC, 4],
    ] as const) {
      sender.trySend(Uint8Array.of(1, 2, 3, 4));
      poll(receiver, POLLIN);
      expect(receiver.tryRecv(into, flags)).toBe(length);
      expect([...into]).toEqual([1, 2, 3]);
      expect(receiver.tryRecv(into)).toBe(WOULD_BLOCK);
    }
  });
});

describe('options', () => {
  test('come and go as typed values', () => {
    const one = tcp();
    expect(one.getOption(SOL_SOCKET, SO_KEEPALIVE)).toBe(false);
    one.setOption(SOL_SOCKET, SO_KEEPALIVE, true);
    expect(one.getOption(SOL_SOCKET, SO_KEEPALIVE)).toBe(true);
    expect(one.getOption(6, TCP_NODELAY)).toBe(false);
    one.setOption(6, TCP_NODELAY, Int32Array.of(1));
    expect(one.getOption(6, TCP_NODELAY)).toBe(true);
    expect(one.getOption(SOL_SOCKET, SO_TYPE)).toBe(SOCK_STREAM);
    one.setOption(SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 7 });
    expect(one.getOption(SOL_SOCKET, SO_LINGER)).toEqual({ l_onoff: 1, l_linger: 7 });
    one.setOption(SOL_SOCKET, SO_RCVTIMEO, 1200);
    expect(one.getOption(SOL_SOCKET, SO_RCVTIMEO)).toEqual({ tv_sec: 1, tv_usec: 200_000 });
    const six = own(Socket.create(AF_INET6, SOCK_STREAM));
    const was = six.getOption(41, IPV6_V6ONLY);
    six.setOption(41, IPV6_V6ONLY, !was);
    expect(six.getOption(41, IPV6_V6ONLY)).toBe(!was);
  });

  test("SO_ERROR is Winsock's code, and 0 without an error", () => {
    const passive = listener();
    const gone = passive.localAddress;
    passive.close();
    const client = tcp();
    expect(client.getOption(SOL_SOCKET, SO_ERROR)).toBe(0);
    client.tryConnect(gone);
    poll(client, POLLOUT);
    expect(client.getOption(SOL_SOCKET, SO_ERROR)).toBe(10061);
  });

  test('an option in no row is a number of four bytes, or the bytes', () => {
    const TCP_TIMESTAMP = 24;
    const SO_COOKIE = 57;
    const one = tcp();
    expect(one.getOption(IPPROTO_TCP, TCP_TIMESTAMP)).toBeTypeOf('number');
    const cookie = one.getOption(SOL_SOCKET, SO_COOKIE);
    expect(cookie).toBeInstanceOf(Uint8Array);
    expect(cookie).toHaveLength(8);
  });

  test('an unknown one is ENOPROTOOPT', () => {
    expect(errorOf(() => tcp().getOption(SOL_SOCKET, 9999)).code).toBe('ENOPROTOOPT');
  });
});

test('a Socket prints its handle, state and peer', () => {
  const { server } = connected();
  const shown = inspect(server);
  expect(shown).toMatch(
    /^Socket \{ handle: \d+, family: 2, isOpen: true, peer: '127\.0\.0\.1:\d+' \}/,
  );
  server.close();
  expect(inspect(server)).toContain('isOpen: false');
});
