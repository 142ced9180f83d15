/** Through a small proxy of each kind that really relays, and through ones that answer what they should not. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { SocketError } from '@netloom/winsock-native';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectHttpProxy, connectSocks5, ProxyError, type TunnelOptions } from '../proxy.js';

vi.setConfig({ testTimeout: 20_000 });

const servers: Server[] = [];
const sockets = new Set<Socket>();

/** A server on a free port; `serve` gets each of its connections. */
async function listen(serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}); // cut by the other side: some tests do
    serve(socket);
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

let echoPort = 0;
beforeEach(async () => {
  echoPort = await listen((socket) => socket.pipe(socket));
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  for (const server of servers.splice(0)) {
    server.close();
    await once(server, 'close');
  }
});

/** Gives bytes in the pieces that are asked for, however they come. */
async function* reader(socket: Socket): AsyncGenerator<Buffer, void, number> {
  let bytes = Buffer.alloc(0);
  let wanted = yield Buffer.alloc(0);
  for await (const piece of socket.iterator({ destroyOnReturn: false })) {
    bytes = Buffer.concat([bytes, piece]);
    while (bytes.length >= wanted) {
      const taken = bytes.subarray(0, wanted);
      bytes = bytes.subarray(wanted);
      wanted = yield taken;
    }
  }
}

/** What a client has asked a proxy for. */
interface Asked {
  methods?: number[];
  credentials?: string;
  type?: number;
  host?: string;
  port?: number;
  head?: string;
}

function relay(client: Socket, port: number, first: Buffer): void {
  const upstream = connect(port, '127.0.0.1', () => {
    client.write(first);
    client.pipe(upstream);
    upstream.pipe(client);
  });
  upstream.on('error', () => client.destroy());
}

/** A SOCKS 5 proxy that sends everybody to the echo server, byte by byte where it answers. */
async function socks(asked: Asked, { method = 0, reply = 0, bound = [1, 0, 0, 0, 0] } = {}) {
  const serve = async (client: Socket) => {
    const bytes = reader(client);
    await bytes.next(0);
    const take = async (count: number) => {
      const { value } = await bytes.next(count);
      return value ?? Buffer.alloc(0);
    };
    const [, count = 0] = await take(2);
    asked.methods = [...(await take(count))];
    for (const byte of [5, method]) client.write(Uint8Array.of(byte));
    if (method === 2) {
      const [, nameLength = 0] = await take(2);
      const name = await take(nameLength);
      const [passwordLength = 0] = await take(1);
      asked.credentials = `${name}/${await take(passwordLength)}`;
      client.write(Uint8Array.of(1, asked.credentials === 'me/secret' ? 0 : 9));
    }
    const [, , , type = 0] = await take(4);
    asked.type = type;
    const length = type === 1 ? 4 : type === 4 ? 16 : ((await take(1))[0] ?? 0);
    const host = await take(length);
    asked.host = type === 3 ? host.toString() : [...host].join('.');
    const [high = 0, low = 0] = await take(2);
    asked.port = 256 * high + low;
    const answer = Buffer.from([5, reply, 0, ...bound, 0, 0]);
    await bytes.return();
    if (reply === 0) relay(client, echoPort, answer);
    else client.end(answer);
  };
  return listen((client) => {
    // A client that was refused hangs up in the middle.
    serve(client).catch(() => client.destroy());
  });
}

/** An HTTP proxy that does the same. */
async function http(asked: Asked, answer: string) {
  return listen((client) => {
    let head = '';
    const onData = (piece: Buffer) => {
      head += piece.toString('latin1');
      if (!head.endsWith('\r\n\r\n')) return;
      client.off('data', onData);
      asked.head = head;
      if (answer.includes(' 200 ')) relay(client, echoPort, Buffer.from(answer));
      else client.end(answer);
    };
    client.on('data', onData);
  });
}

/** Bytes go there and come back. */
async function exchange(connecting: ReturnType<typeof connectSocks5>): Promise<void> {
  using connection = await connecting;
  await connection.send(Buffer.from('hello'));
  expect(Buffer.from(await connection.recvExactly(5)).toString()).toBe('hello');
}

const failureOf = (waited: PromiseLike<unknown>): PromiseLike<unknown> =>
  waited.then(
    () => expect.unreachable('it did not fail'),
    (error: unknown) => error,
  );

const through = (port: number, more: Partial<TunnelOptions> = {}): TunnelOptions => ({
  proxy: { host: '127.0.0.1', port },
  host: 'example.test',
  port: 4242,
  ...more,
});

describe('connectSocks5()', () => {
  it('goes to a name, which the proxy looks up', async () => {
    const asked: Asked = {};
    await exchange(connectSocks5(through(await socks(asked))));
    expect(asked).toEqual({ methods: [0], type: 3, host: 'example.test', port: 4242 });
  });

  it.each([
    ['IPv4', '192.0.2.7', 1, '192.0.2.7', [1, 127, 0, 0, 1]],
    ['IPv6', '2001:db8::1', 4, '32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1', [4, ...Array(16).fill(0)]],
    ['IPv4, answered with a name', '192.0.2.7', 1, '192.0.2.7', [3, 2, 104, 105]],
  ])('goes to an address: %s', async (_what, host, type, seen, bound) => {
    const asked: Asked = {};
    await exchange(connectSocks5(through(await socks(asked, { bound }), { host })));
    expect(asked).toMatchObject({ type, host: seen });
  });

  it('shows its credentials where the proxy asks for them (RFC 1929)', async () => {
    const asked: Asked = {};
    const port = await socks(asked, { method: 2 });
    await exchange(
      connectSocks5(through(port, { credentials: { username: 'me', password: 'secret' } })),
    );
    expect(asked).toMatchObject({ methods: [0, 2], credentials: 'me/secret' });
  });

  it('says that its credentials were refused, or were wanted', async () => {
    const port = await socks({}, { method: 2 });
    const wrong = { username: 'me', password: 'wrong' };
    const refused = await failureOf(connectSocks5(through(port, { credentials: wrong })));
    expect(refused).toMatchObject({ code: 'ERR_PROXY_AUTH', reply: 9, proxy: `127.0.0.1:${port}` });
    expect(String(refused)).not.toContain('wrong');
    const other = await socks({}, { method: 0xff });
    const wanted = await failureOf(connectSocks5(through(other)));
    expect(wanted).toMatchObject({ code: 'ERR_PROXY_AUTH' });
    expect(String(wanted)).toContain('it wants credentials');
  });

  it.each([
    [3, 'ENETUNREACH'],
    [4, 'EHOSTUNREACH'],
    [5, 'ECONNREFUSED'],
  ])('passes the network’s reply %i on as %s', async (reply, code) => {
    const port = await socks({}, { reply });
    const error = await failureOf(connectSocks5(through(port)));
    expect(error).toBeInstanceOf(SocketError);
    expect(error).toMatchObject({ code, cause: { reply } });
    expect(String(error)).toContain(`example.test:4242`);
    expect(String(error)).toContain(`says the proxy 127.0.0.1:${port}`);
  });

  it('says what the proxy refuses by itself', async () => {
    const port = await socks({}, { reply: 2 });
    const error = await failureOf(connectSocks5(through(port)));
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toMatchObject({ code: 'ERR_PROXY_REFUSED', reply: 2 });
    expect(String(error)).toContain('not allowed by its rules');
  });

  it.each([
    ['another version', [4, 0], 'version 4'],
    ['a method that was not offered', [5, 1], 'method 1'],
    ['half an answer', [5], 'finish'],
  ])('knows that %s is not the protocol', async (_what, bytes, says) => {
    const port = await listen((socket) => socket.end(Uint8Array.from(bytes)));
    const error = await failureOf(connectSocks5(through(port)));
    expect(error).toMatchObject({ code: 'ERR_PROXY_PROTOCOL' });
    expect(String(error)).toContain(says);
  });

  it('gives up a proxy that is silent, and closes the connection to it', async () => {
    let silent: Socket | undefined;
    const port = await listen((socket) => {
      silent = socket.resume();
    });
    const error = await failureOf(connectSocks5(through(port, { timeoutMs: 50 })));
    expect(error).toMatchObject({ code: 'ETIMEDOUT' });
    await vi.waitFor(() => expect(silent?.readableEnded).toBe(true), 10_000);
  });

  it('is stopped by its signal, and closes the connection to the proxy', async () => {
    let silent: Socket | undefined;
    const port = await listen((socket) => {
      silent = socket.resume();
    });
    const controller = new AbortController();
    const { signal } = controller;
    const failure = failureOf(connectSocks5(through(port, { signal })));
    await vi.waitFor(() => expect(silent).toBeDefined(), 10_000);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await failure).toBe(reason);
    await vi.waitFor(() => expect(silent?.readableEnded).toBe(true), 10_000);
  });
});

describe('connectHttpProxy()', () => {
  const fine = 'HTTP/1.1 200 OK\r\n\r\n';

  it('goes to a name, with the fields and credentials it is given', async () => {
    const asked: Asked = {};
    const options = through(await http(asked, fine), {
      credentials: { username: 'me', password: 'secret' },
    });
    await exchange(connectHttpProxy({ ...options, headers: { 'User-Agent': 'netloom' } }));
    expect(asked.head?.split('\r\n')).toEqual([
      'CONNECT example.test:4242 HTTP/1.1',
      'Host: example.test:4242',
      'User-Agent: netloom',
      'Proxy-Authorization: Basic bWU6c2VjcmV0',
      '',
      '',
    ]);
  });

  it('writes an IPv6 address in brackets', async () => {
    const asked: Asked = {};
    await exchange(connectHttpProxy(through(await http(asked, fine), { host: '2001:db8::1' })));
    expect(asked.head).toMatch(/^CONNECT \[2001:db8::1\]:4242 HTTP/);
  });

  it('takes no byte of the tunnel, which may follow at once, and passes interim answers by', async () => {
    const answer = `HTTP/1.1 103 Early Hints\r\nA: b\r\n\r\nHTTP/1.0 200 Connection established\r\nVia: x\r\n\r\nwelcome`;
    using connection = await connectHttpProxy(through(await http({}, answer)));
    expect(Buffer.from(await connection.recvExactly(7)).toString()).toBe('welcome');
  });

  it.each([
    ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'ERR_PROXY_AUTH', 407],
    ['HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\n\r\nno!', 'ERR_PROXY_REFUSED', 502],
    ['HTTP/1.1 301\r\n\r\n', 'ERR_PROXY_REFUSED', 301],
    ['SSH-2.0-OpenSSH_9.2\r\n', 'ERR_PROXY_PROTOCOL', undefined],
    ['', 'ERR_PROXY_PROTOCOL', undefined],
    ['HTTP/1.1 200 OK\r\nA: b', 'ERR_PROXY_PROTOCOL', undefined],
    [`HTTP/1.1 200 OK\r\n${'A: b\r\n'.repeat(200)}\r\n`, 'ERR_PROXY_PROTOCOL', 200],
    [`HTTP/1.1 200 ${'x'.repeat(10_000)}`, 'ERR_PROXY_PROTOCOL', undefined],
  ])('refuses the answer %j', async (answer, code, reply) => {
    const port = await listen((socket) => {
      socket.once('data', () => socket.end(answer));
    });
    const error = await failureOf(connectHttpProxy(through(port)));
    expect(error).toBeInstanceOf(ProxyError);
    expect(error).toMatchObject({ code, reply });
  });

  it('says that the proxy itself cannot be reached', async () => {
    const [, server] = servers;
    expect(server).toBeUndefined();
    const gone = await listen(() => {});
    const last = servers.pop();
    last?.close();
    if (last !== undefined) await once(last, 'close');
    const error = await failureOf(connectHttpProxy(through(gone)));
    expect(error).toMatchObject({ code: 'ECONNREFUSED', syscall: 'connect', port: gone });
  });
});

describe('both refuse', () => {
  const cases: [what: string, options: object, message: RegExp][] = [
    ['a host with a line end', { host: 'a\r\nX: y' }, /host must be/],
    ['a host that is no ASCII', { host: 'bücher.example' }, /host must be/],
    ['port 0', { port: 0 }, /port must be/],
    ['a time that is none', { timeoutMs: -1 }, /timeoutMs must be/],
    ['no proxy', { proxy: undefined }, /proxy must be/],
  ];
  it.each(cases)('%s', (_what, options, message) => {
    // SAFETY: what a JavaScript caller may pass.
    const given = { ...through(9), ...options } as TunnelOptions;
    expect(() => connectSocks5(given)).toThrow(message);
    expect(() => connectHttpProxy(given)).toThrow(message);
  });

  it('credentials that do not fit, without showing them', () => {
    const long = { username: 'me', password: 'x'.repeat(256) };
    expect(() => connectSocks5(through(9, { credentials: long }))).toThrow(/got 256$/);
    const colon = { username: 'a:b', password: 'x' };
    expect(() => connectHttpProxy(through(9, { credentials: colon }))).toThrow(/without a colon/);
    const headers = { 'X-A': 'b\r\nX-C: d' };
    expect(() => connectHttpProxy({ ...through(9), headers })).toThrow(/headers must be/);
  });
});
