/** From socket to closesocket: behaviours that the tests of peers hold. Their sources: vectors/reference/peer-behaviours.json. */
import { readFileSync } from 'node:fs';
import { IPPROTO_TCP, SockaddrIn, SockaddrIn6, SockaddrStorage } from '@netloom/sockaddr';
import {
  assert,
  bindAnywhere,
  bySystem,
  close,
  connected,
  fails,
  listener,
  loopback,
  nameOf,
  nonBlocking,
  own,
  readable,
  sizeof,
  startUp,
  succeeds,
  tcp,
  test,
  udp,
  winsock,
} from '../contract/harness.mjs';

const { SO_REUSEADDR, SO_SNDTIMEO, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } = winsock;
const AF_INET = 2;
const AF_INET6 = SockaddrIn6.from({ address: '::1', port: 0 }).family;
const onLinux = { skip: process.platform !== 'linux' };
const one = new Uint8Array(1);

startUp();

/** A listener whose queue is full, so that a further connect begins and does not end. */
function fullListener() {
  const { s, name } = listener(0);
  assert.equal(winsock.connect(tcp(), name, 16), 0);
  return { s, name };
}

/** A name whose family is none. */
function nameOfNoFamily() {
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint16(0, 0xdead, true);
  return bytes;
}

function option(s, level, name) {
  const value = { value: -1 };
  assert.equal(winsock.getsockopt(s, level, name, value), 0);
  return value.value;
}

test('listen() takes a backlog of 0, -1 and SOMAXCONN, and again while it listens', () => {
  const s = tcp();
  bindAnywhere(s);
  for (const backlog of [0, -1, winsock.SOMAXCONN, 1]) succeeds(() => winsock.listen(s, backlog));
});

test('listen() and shutdown() refuse a number that no int holds', () => {
  const s = tcp();
  assert.throws(() => winsock.listen(s, 2 ** 31), /listen: backlog .*got 2147483648/);
  assert.throws(() => winsock.shutdown(s, 2 ** 31), /shutdown: how .*got 2147483648/);
  assert.throws(() => winsock.shutdown(s, 2 ** 32 + 2), /shutdown: how .*got 4294967298/);
});

test('listen() of a socket without an address does what the kernel does', () => {
  const s = tcp();
  const code = bySystem({
    linux: 0,
    win32: 10022,
    because: 'POSIX gives it a free port, Winsock wants a bind first',
  });
  winsock.WSASetLastError(0);
  winsock.listen(s, 1);
  assert.equal(winsock.WSAGetLastError(), code);
  if (code === 0) assert.notEqual(nameOf(s).port, 0);
});

test('bind() and connect() to a family that is none fail with 10047', () => {
  const name = nameOfNoFamily();
  fails(10047, () => winsock.bind(tcp(), name, 16));
  fails(10047, () => winsock.connect(tcp(), name, 16));
});

test('bind() of an IPv6 socket to an IPv4 address fails as the kernel says', () => {
  const s = own(winsock.socket(AF_INET6, SOCK_STREAM, 0));
  const code = bySystem({
    linux: 10022,
    darwin: 10047,
    win32: 10014,
    because: 'Linux and Windows compare the length first: EINVAL and WSAEFAULT',
  });
  fails(code, () => winsock.bind(s, loopback(), 16));
});

for (const type of [SOCK_STREAM, SOCK_DGRAM]) {
  const kind = type === SOCK_STREAM ? 'stream' : 'datagram';
  test(`a ${kind} socket whose bind() failed can be bound`, () => {
    const s = own(winsock.socket(AF_INET, type, 0));
    const elsewhere = SockaddrIn.from({ address: '192.0.2.1', port: 0 });
    fails(10014, () => winsock.bind(s, loopback(), 15));
    fails(10047, () => winsock.bind(s, nameOfNoFamily(), 16));
    fails(10049, () => winsock.bind(s, elsewhere, 16));
    succeeds(() => winsock.bind(s, loopback(), 16));
    assert.notEqual(nameOf(s).port, 0);
  });
}

test('bind() of IPv6 addresses has the codes of IPv4', () => {
  const bound = own(winsock.socket(AF_INET6, SOCK_STREAM, 0));
  const name = SockaddrIn6.from({ address: '::1', port: 0 });
  const size = sizeof(name);
  succeeds(() => winsock.bind(bound, name, size));
  succeeds(() => winsock.getsockname(bound, name, { value: size }));
  fails(10022, () => winsock.bind(bound, name, size));
  const second = own(winsock.socket(AF_INET6, SOCK_STREAM, 0));
  fails(10048, () => winsock.bind(second, name, size));
  const elsewhere = SockaddrIn6.from({ address: '2001:db8::4', port: 0 });
  fails(10049, () => winsock.bind(second, elsewhere, size));
});

test('24 of the 28 bytes of a sockaddr_in6 are too few for bind() and for getsockname()', () => {
  const s = own(winsock.socket(AF_INET6, SOCK_STREAM, 0));
  const name = SockaddrIn6.from({ address: '::1', port: 0 });
  fails(10014, () => winsock.bind(s, name, 24));
  succeeds(() => winsock.bind(s, name, 28));
  const length = { value: 24 };
  fails(10014, () => winsock.getsockname(s, new SockaddrIn6(), length));
  assert.equal(length.value, 24);
});

test('getsockname() of a socket without an address does what the kernel does', () => {
  const code = bySystem({
    linux: 0,
    win32: 10022,
    because: 'POSIX gives the address of nothing, Winsock wants a bind first',
  });
  const name = new SockaddrIn();
  winsock.WSASetLastError(0);
  winsock.getsockname(tcp(), name, { value: 16 });
  assert.equal(winsock.WSAGetLastError(), code);
  assert.equal(name.port, 0);
});

test('getsockname() after a bind to any address gives 0.0.0.0 with a port, and clears sin_zero', () => {
  const s = tcp();
  const any = SockaddrIn.from({ address: '0.0.0.0', port: 0 });
  assert.equal(winsock.bind(s, any, 16), 0);
  const bytes = new Uint8Array(16).fill(0xff);
  succeeds(() => winsock.getsockname(s, bytes, { value: 16 }));
  assert.notEqual(bytes[2] + bytes[3], 0);
  assert.deepEqual([...bytes.subarray(4)], Array(12).fill(0));
});

test('getpeername() looks at the connection before it looks at NULL', () => {
  const s = udp();
  fails(10057, () => winsock.getpeername(s, null, null));
  const { name } = listener();
  assert.equal(winsock.connect(s, name, 16), 0);
  fails(10014, () => winsock.getpeername(s, null, null));
  fails(10014, () => winsock.getpeername(s, null, { value: 0 }));
  fails(10014, () => winsock.getpeername(s, new SockaddrIn(), null));
  const peer = new SockaddrStorage();
  const length = { value: sizeof(peer) };
  succeeds(() => winsock.getpeername(s, peer, length));
  assert.equal(length.value, 16);
  assert.equal(String(peer), String(name));
});

test('a listener has no peer, sends nothing and receives nothing: 10057', () => {
  const { s } = listener();
  fails(10057, () => winsock.getpeername(s, new SockaddrIn(), { value: 16 }));
  fails(10057, () => winsock.send(s, one, 1, 0));
  fails(10057, () => winsock.recv(s, one, 1, 0));
});

test('connect() of a listener fails as the kernel says', () => {
  const { s, name } = listener();
  const code = bySystem({
    linux: 10056,
    darwin: 10045,
    win32: 10022,
    because: 'Linux calls a listener connected, Winsock calls it an invalid argument',
  });
  fails(code, () => winsock.connect(s, name, 16));
});

test('connect() that was refused can be tried again elsewhere', () => {
  const refused = listener();
  close(refused.s);
  const { s, name } = listener();
  const client = tcp();
  fails(10061, () => winsock.connect(client, refused.name, 16));
  succeeds(() => winsock.connect(client, name, 16));
  own(winsock.accept(s, null, null));
});

test(
  'a bound socket whose connect() was refused can listen, unless it was non-blocking',
  onLinux,
  () => {
    const refused = listener();
    close(refused.s);
    for (const [make, code] of [
      [tcp, 10061],
      [() => nonBlocking(tcp()), 10035],
    ]) {
      const s = make();
      bindAnywhere(s);
      fails(code, () => winsock.connect(s, refused.name, 16));
      // Linux does not end a non-blocking connect before it is asked again.
      if (code === 10061) succeeds(() => winsock.listen(s, 1));
      else fails(10022, () => winsock.listen(s, 1));
    }
  },
);

test(
  'special addresses are for the kernel to judge: broadcast is bound, link-local wants an interface',
  onLinux,
  () => {
    const broadcast = SockaddrIn.from({ address: '127.255.255.255', port: 0 });
    succeeds(() => winsock.bind(tcp(), broadcast, 16));
    const six = own(winsock.socket(AF_INET6, SOCK_STREAM, 0));
    const linkLocal = SockaddrIn6.from({ address: 'fe80::1', port: 1 });
    fails(10022, () => winsock.connect(six, linkLocal, 28));
  },
);

test('an address refuses a port beyond 16 bits and a negative flow label', () => {
  for (const port of [65_536, -1]) {
    assert.throws(() => SockaddrIn.from({ address: '127.0.0.1', port }), RangeError);
  }
  const name = SockaddrIn6.from({ address: '::1', port: 1 });
  assert.throws(() => {
    name.sin6_flowinfo = -10;
  }, RangeError);
});

test('connect() under way: again is 10037, it has a name of its own and no peer yet', () => {
  const { name } = fullListener();
  const client = nonBlocking(tcp());
  fails(10035, () => winsock.connect(client, name, 16));
  fails(10037, () => winsock.connect(client, name, 16));
  assert.notEqual(nameOf(client).port, 0);
  const peer = bySystem({
    linux: 10057,
    win32: 0,
    because: 'Winsock gives the peer that it connects to, POSIX the one that it is connected to',
  });
  winsock.WSASetLastError(0);
  winsock.getpeername(client, new SockaddrIn(), { value: 16 });
  assert.equal(winsock.WSAGetLastError(), peer);
  const code = bySystem({
    linux: 10035,
    darwin: 10057,
    win32: 10057,
    because: 'Linux says "not yet" to both, the others "not connected"',
  });
  fails(code, () => winsock.send(client, one, 1, 0));
  fails(code, () => winsock.recv(client, one, 1, 0));
  close(client);
});

test('connect() ends with 10060 when SO_SNDTIMEO has passed', onLinux, () => {
  const { name } = fullListener();
  const client = tcp();
  assert.equal(winsock.setsockopt(client, SOL_SOCKET, SO_SNDTIMEO, 80), 0);
  const before = performance.now();
  fails(10060, () => winsock.connect(client, name, 16));
  assert.ok(performance.now() - before >= 79);
});

test(
  'connect() to AF_UNSPEC leaves a socket that never was connected: send() is 10057',
  onLinux,
  () => {
    const s = tcp();
    succeeds(() => winsock.connect(s, new Uint8Array(16), 16));
    fails(10057, () => winsock.send(s, one, 1, 0));
  },
);

test('accept() ends with 10060 when SO_RCVTIMEO of the listener has passed', onLinux, () => {
  const { s } = listener();
  assert.equal(winsock.setsockopt(s, SOL_SOCKET, winsock.SO_RCVTIMEO, 50), 0);
  const before = performance.now();
  fails(10060, () => winsock.accept(s, null, null));
  assert.ok(performance.now() - before >= 49);
});

test('accept() on a connected socket fails with 10022', () => {
  fails(10022, () => winsock.accept(connected().client, null, null));
});

test('accept() gives the address of a peer into a larger structure, family and all', () => {
  const { s, name } = listener();
  const client = tcp();
  assert.equal(winsock.connect(client, name, 16), 0);
  const peer = new SockaddrStorage();
  const length = { value: sizeof(peer) };
  own(winsock.accept(s, peer, length));
  assert.equal(length.value, 16);
  assert.equal(String(peer), String(nameOf(client)));
});

test('an accepted socket has the options of its listener', () => {
  const listening = tcp();
  const options = [
    [SOL_SOCKET, SO_REUSEADDR],
    [SOL_SOCKET, winsock.SO_KEEPALIVE],
    [SOL_SOCKET, winsock.SO_OOBINLINE],
    [IPPROTO_TCP, winsock.TCP_NODELAY],
  ];
  for (const [level, name] of options) {
    assert.equal(option(listening, level, name), 0);
    assert.equal(winsock.setsockopt(listening, level, name, 1), 0);
  }
  for (const name of [SO_SNDTIMEO, winsock.SO_RCVTIMEO]) {
    assert.equal(winsock.setsockopt(listening, SOL_SOCKET, name, 292), 0);
  }
  for (const name of [winsock.SO_SNDBUF, winsock.SO_RCVBUF]) {
    assert.equal(winsock.setsockopt(listening, SOL_SOCKET, name, 9999), 0);
  }
  const linger = { l_onoff: 1, l_linger: 55 };
  assert.equal(winsock.setsockopt(listening, SOL_SOCKET, winsock.SO_LINGER, linger), 0);
  const name = bindAnywhere(listening);
  assert.equal(winsock.listen(listening, 1), 0);
  assert.equal(winsock.connect(tcp(), name, 16), 0);
  const accepted = own(winsock.accept(listening, null, null));
  for (const [level, name] of options) assert.notEqual(option(accepted, level, name), 0);
  for (const name of ['SO_SNDTIMEO', 'SO_RCVTIMEO', 'SO_SNDBUF', 'SO_RCVBUF']) {
    const wanted = option(listening, SOL_SOCKET, winsock[name]);
    assert.equal(option(accepted, SOL_SOCKET, winsock[name]), wanted, name);
  }
  const inherited = { l_onoff: 0, l_linger: 0 };
  assert.equal(winsock.getsockopt(accepted, SOL_SOCKET, winsock.SO_LINGER, inherited), 0);
  assert.deepEqual(inherited, linger);
  // Else its close would wait for its 55 seconds.
  const none = { l_onoff: 0, l_linger: 0 };
  assert.equal(winsock.setsockopt(accepted, SOL_SOCKET, winsock.SO_LINGER, none), 0);
});

test('SO_REUSEADDR on the second socket alone does not take a port from a listener', () => {
  const { name } = listener();
  const second = tcp();
  assert.equal(winsock.setsockopt(second, SOL_SOCKET, SO_REUSEADDR, 1), 0);
  const code = bySystem({
    linux: 10048,
    win32: 10013,
    because: 'Winsock says that it is not allowed, POSIX that the port is in use',
  });
  fails(code, () => winsock.bind(second, name, 16));
});

test('SO_REUSEPORT on both: two listeners share the connections of one port', onLinux, () => {
  const pair = [tcp(), tcp()];
  let name = loopback();
  for (const s of pair) {
    assert.equal(option(s, SOL_SOCKET, winsock.SO_REUSEPORT), 0);
    assert.equal(winsock.setsockopt(s, SOL_SOCKET, winsock.SO_REUSEPORT, 1), 0);
    succeeds(() => winsock.bind(s, name, 16));
    name = nameOf(s);
    succeeds(() => winsock.listen(s, 64));
    nonBlocking(s);
  }
  const clients = 40;
  for (let i = 0; i < clients; i++) assert.equal(winsock.connect(tcp(), name, 16), 0);
  const counts = pair.map((s) => {
    let count = 0;
    for (let made = winsock.accept(s, null, null); made >= 0; count++) {
      close(own(made));
      made = winsock.accept(s, null, null);
    }
    return count;
  });
  assert.equal(counts[0] + counts[1], clients);
  assert.ok(Math.min(...counts) > 0, `all went to one: ${counts}`);
});

test(
  'a socket made with SOCK_NONBLOCK does not wait, and its type is the type alone',
  onLinux,
  () => {
    const s = own(winsock.socket(AF_INET, SOCK_DGRAM | winsock.SOCK_NONBLOCK, 0));
    // Were it blocking it would wait for its second and say 10060.
    assert.equal(winsock.setsockopt(s, SOL_SOCKET, winsock.SO_RCVTIMEO, 1000), 0);
    fails(10035, () => winsock.recv(s, one, 1, 0));
    assert.equal(option(s, SOL_SOCKET, winsock.SO_TYPE), SOCK_DGRAM);
    assert.equal(winsock.ioctlsocket(s, winsock.FIONBIO, { value: 0 }), 0);
    assert.equal(winsock.setsockopt(s, SOL_SOCKET, winsock.SO_RCVTIMEO, 30), 0);
    fails(10060, () => winsock.recv(s, one, 1, 0));
  },
);

test('every socket closes on exec: made, accepted, Unix', onLinux, () => {
  const flags = (s) =>
    Number.parseInt(/flags:\s*(\d+)/.exec(readFileSync(`/proc/self/fdinfo/${s}`))[1], 8);
  const O_CLOEXEC = 0o2000000;
  const { client, server } = connected();
  const unix = own(winsock.socket(1, SOCK_STREAM, 0));
  for (const s of [client, server, unix, udp()]) assert.equal(flags(s) & O_CLOEXEC, O_CLOEXEC);
});

test('SO_TYPE, SO_DOMAIN and SO_PROTOCOL say what a socket was made of', onLinux, () => {
  for (const [family, type, protocol, seen] of [
    [AF_INET, SOCK_STREAM, 0, 6],
    [AF_INET, SOCK_STREAM, 6, 6],
    [AF_INET6, SOCK_DGRAM, 17, 17],
    [1, SOCK_STREAM, 0, 0],
    [1, winsock.SOCK_SEQPACKET, 0, 0],
  ]) {
    const s = own(winsock.socket(family, type, protocol));
    assert.equal(option(s, SOL_SOCKET, winsock.SO_TYPE), type);
    assert.equal(option(s, SOL_SOCKET, winsock.SO_DOMAIN), family);
    assert.equal(option(s, SOL_SOCKET, winsock.SO_PROTOCOL), seen);
  }
});

test('closing a socket that is connecting, or that waits to be accepted, ends it for the peer', () => {
  const { s, name } = listener();
  const client = tcp();
  assert.equal(winsock.connect(client, name, 16), 0);
  close(client);
  const accepted = own(winsock.accept(s, null, null));
  readable(accepted);
  succeeds(() => winsock.recv(accepted, one, 1, 0), 0);
});

test('an IPv6 listener takes IPv4 clients where IPV6_V6ONLY is off, and not where it is on', () => {
  const IPPROTO_IPV6 = 41;
  for (const only of [0, 1]) {
    const s = own(winsock.socket(AF_INET6, SOCK_STREAM, 0));
    assert.equal(winsock.setsockopt(s, IPPROTO_IPV6, winsock.IPV6_V6ONLY, only), 0);
    assert.equal(option(s, IPPROTO_IPV6, winsock.IPV6_V6ONLY), only);
    const any = SockaddrIn6.from({ address: '::', port: 0 });
    assert.equal(winsock.bind(s, any, 28), 0);
    assert.equal(winsock.getsockname(s, any, { value: 28 }), 0);
    assert.equal(winsock.listen(s, 1), 0);
    if (only) {
      fails(10061, () => winsock.connect(tcp(), loopback(any.port), 16));
      continue;
    }
    assert.equal(winsock.connect(tcp(), loopback(any.port), 16), 0);
    const peer = new SockaddrIn6();
    own(winsock.accept(s, peer, { value: 28 }));
    assert.match(String(peer), /::ffff:127\.0\.0\.1/);
  }
});

test('IPV6_V6ONLY cannot be changed once the socket is bound', () => {
  const s = own(winsock.socket(AF_INET6, SOCK_STREAM, 0));
  assert.equal(winsock.bind(s, SockaddrIn6.from({ address: '::1', port: 0 }), 28), 0);
  fails(10022, () => winsock.setsockopt(s, 41, winsock.IPV6_V6ONLY, 1));
});
