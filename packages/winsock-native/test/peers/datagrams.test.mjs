/** Datagrams and Unix names: behaviours that the tests of peers hold. Their sources: vectors/reference/peer-behaviours.json. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SockaddrIn, SockaddrIn6, SockaddrStorage, SockaddrUn, sizeof } from '@netloom/sockaddr';
import {
  assert,
  bindAnywhere,
  bySystem,
  close,
  fails,
  loopback,
  nameOf,
  nonBlocking,
  own,
  readable,
  startUp,
  succeeds,
  tcp,
  test,
  udp,
  winsock,
} from '../contract/harness.mjs';

const { MSG_PEEK, SOCK_DGRAM, SOCK_STREAM } = winsock;
const four = Uint8Array.of(1, 2, 3, 4);
const onLinux = { skip: process.platform !== 'linux' };
const onUnix = { skip: process.platform === 'win32' };
const AF_UNIX = 1;

startUp();

function receiver() {
  const s = udp();
  return { s, name: bindAnywhere(s) };
}

/** A port on which nothing listens. */
function nowhere() {
  const { s, name } = receiver();
  close(s);
  return name;
}

test('sendto() gives a socket a port, and no peer', () => {
  const { s, name } = receiver();
  const sender = udp();
  assert.equal(winsock.sendto(sender, four, 4, 0, name, 16), 4);
  assert.notEqual(nameOf(sender).port, 0);
  fails(10057, () => winsock.getpeername(sender, new SockaddrIn(), { value: 16 }));
  const from = new SockaddrIn();
  assert.equal(winsock.recvfrom(s, new Uint8Array(4), 4, 0, from, { value: 16 }), 4);
  assert.equal(from.port, nameOf(sender).port);
});

test('send() of a datagram without a peer fails as the kernel says', () => {
  const code = bySystem({
    linux: 10039,
    win32: 10057,
    because: 'EDESTADDRREQ on POSIX, WSAENOTCONN in Winsock',
  });
  fails(code, () => winsock.send(udp(), four, 4, 0));
});

test('recv() of a datagram socket without a port fails as the kernel says', () => {
  const code = bySystem({
    linux: 10035,
    win32: 10022,
    because: 'POSIX waits, though nothing can come; Winsock wants a bind first',
  });
  fails(code, () => winsock.recv(nonBlocking(udp()), new Uint8Array(4), 4, 0));
});

test('recvfrom() with a negative length fails with 10014, and the datagram is still there', () => {
  const { s, name } = receiver();
  assert.equal(winsock.sendto(udp(), four, 4, 0, name, 16), 4);
  readable(s);
  fails(10014, () => winsock.recvfrom(s, new Uint8Array(4), -1, 0, null, null));
  succeeds(() => winsock.recvfrom(s, new Uint8Array(4), 4, 0, null, null), 4);
});

test('MSG_PEEK leaves a datagram, and tells its sender also without room for its bytes', () => {
  const { s, name } = receiver();
  const sender = udp();
  assert.equal(winsock.sendto(sender, four, 4, 0, name, 16), 4);
  readable(s);
  const from = new SockaddrStorage();
  const length = { value: sizeof(from) };
  fails(10040, () => winsock.recvfrom(s, new Uint8Array(0), 0, MSG_PEEK, from, length));
  assert.equal(new DataView(from.bytes.buffer).getUint16(2), nameOf(sender).port);
  assert.equal(length.value, 16);
  succeeds(() => winsock.recv(s, new Uint8Array(4), 4, MSG_PEEK), 4);
  succeeds(() => winsock.recv(s, new Uint8Array(4), 4, 0), 4);
});

test('a connected datagram socket has two names, and hears nobody but its peer', () => {
  const peer = receiver();
  const stranger = receiver();
  const s = udp();
  succeeds(() => winsock.connect(s, peer.name, 16));
  const connectedTo = new SockaddrIn();
  succeeds(() => winsock.getpeername(s, connectedTo, { value: 16 }));
  assert.equal(String(connectedTo), String(peer.name));
  const mine = nameOf(s);
  assert.notEqual(mine.port, 0);
  assert.equal(winsock.sendto(stranger.s, four, 4, 0, mine, 16), 4);
  assert.equal(winsock.sendto(peer.s, four, 3, 0, mine, 16), 3);
  succeeds(() => winsock.recv(s, new Uint8Array(9), 9, 0), 3);
  fails(10035, () => winsock.recv(nonBlocking(s), new Uint8Array(9), 9, 0));
});

test('a connected datagram socket can be connected elsewhere, and dissolved with AF_UNSPEC', () => {
  const [first, second] = [receiver(), receiver()];
  const s = udp();
  for (const { s: to, name } of [first, first, second]) {
    succeeds(() => winsock.connect(s, name, 16));
    succeeds(() => winsock.send(s, four, 4, 0), 4);
    succeeds(() => winsock.recv(to, new Uint8Array(9), 9, 0), 4);
  }
  succeeds(() => winsock.connect(s, new Uint8Array(16), 16));
  fails(10057, () => winsock.getpeername(s, new SockaddrIn(), { value: 16 }));
  succeeds(() => winsock.sendto(s, four, 4, 0, first.name, 16), 4);
});

test('sendto() of a connected datagram socket goes where it says', () => {
  const [peer, other] = [receiver(), receiver()];
  const s = udp();
  assert.equal(winsock.connect(s, peer.name, 16), 0);
  const code = bySystem({ linux: 0, darwin: 10056, because: 'the BSDs take no other address' });
  winsock.WSASetLastError(0);
  winsock.sendto(s, four, 4, 0, other.name, 16);
  assert.equal(winsock.WSAGetLastError(), code);
  if (code === 0) succeeds(() => winsock.recv(other.s, new Uint8Array(9), 9, 0), 4);
});

test('a port that nobody has: a connected datagram socket hears of it, as the kernel says', () => {
  const s = udp();
  assert.equal(winsock.connect(s, nowhere(), 16), 0);
  assert.equal(winsock.send(s, four, 4, 0), 4);
  const code = bySystem({
    linux: 10061,
    win32: 10054,
    because: 'the ICMP answer is ECONNREFUSED on POSIX, WSAECONNRESET in Winsock',
  });
  readable(s);
  fails(code, () => winsock.recv(s, new Uint8Array(4), 4, 0));
  fails(10035, () => winsock.recv(nonBlocking(s), new Uint8Array(4), 4, 0));
});

test(
  'a port that nobody has: sends may tell it on Linux, and the next one goes out',
  onLinux,
  () => {
    const s = udp();
    assert.equal(winsock.connect(s, nowhere(), 16), 0);
    assert.equal(winsock.send(s, four, 4, 0), 4);
    readable(s);
    fails(10061, () => winsock.send(s, four, 4, 0));
    succeeds(() => winsock.send(s, four, 4, 0), 4);
  },
);

test('a port that nobody has: an unconnected datagram socket hears nothing of it', onLinux, () => {
  const s = udp();
  const name = nowhere();
  for (let i = 0; i < 10; i++) succeeds(() => winsock.sendto(s, four, 4, 0, name, 16), 4);
  fails(10035, () => winsock.recv(nonBlocking(s), new Uint8Array(4), 4, 0));
});

test('many datagrams in a row arrive one by one', () => {
  const { s, name } = receiver();
  const sender = udp();
  for (let i = 0; i < 50; i++) {
    assert.equal(winsock.sendto(sender, Uint8Array.of(i), 1, 0, name, 16), 1);
  }
  const got = new Uint8Array(9);
  for (let i = 0; i < 50; i++) {
    assert.equal(winsock.recv(s, got, 9, 0), 1);
    assert.equal(got[0], i);
  }
});

test('an IPv6 datagram socket hears IPv4 where IPV6_V6ONLY is off, and not where it is on', () => {
  for (const only of [0, 1]) {
    const s = own(
      winsock.socket(SockaddrIn6.from({ address: '::1', port: 0 }).family, SOCK_DGRAM, 0),
    );
    assert.equal(winsock.setsockopt(s, 41, winsock.IPV6_V6ONLY, only), 0);
    const any = SockaddrIn6.from({ address: '::', port: 0 });
    assert.equal(winsock.bind(s, any, 28), 0);
    assert.equal(winsock.getsockname(s, any, { value: 28 }), 0);
    assert.equal(winsock.sendto(udp(), four, 4, 0, loopback(any.port), 16), 4);
    const from = new SockaddrIn6();
    if (only) {
      fails(10035, () => winsock.recv(nonBlocking(s), new Uint8Array(4), 4, 0));
    } else {
      succeeds(() => winsock.recvfrom(s, new Uint8Array(4), 4, 0, from, { value: 28 }), 4);
      assert.match(String(from), /::ffff:127\.0\.0\.1/);
    }
  }
});

test(
  'two datagram sockets share a port where both have SO_REUSEADDR, and not otherwise',
  onLinux,
  () => {
    for (const reuse of [0, 1]) {
      const [first, second] = [udp(), udp()];
      for (const s of [first, second]) {
        assert.equal(winsock.setsockopt(s, winsock.SOL_SOCKET, winsock.SO_REUSEADDR, reuse), 0);
      }
      const name = bindAnywhere(first);
      if (reuse) succeeds(() => winsock.bind(second, name, 16));
      else fails(10048, () => winsock.bind(second, name, 16));
    }
  },
);

for (const [what, buf, to] of [
  ['text', 'foo', loopback(1)],
  ['a number', 5, loopback(1)],
  ['an array', [1, 2], loopback(1)],
  ['text for the address', four, '127.0.0.1'],
]) {
  test(`sendto() refuses ${what} with a TypeError that names it`, () => {
    assert.throws(() => winsock.sendto(udp(), buf, 1, 0, to, 16), {
      name: 'TypeError',
      message: /^sendto: /,
    });
  });
}

test('sendto() refuses flags that are no number', () => {
  assert.throws(
    () => winsock.sendto(udp(), four, 4, 'bar', loopback(1), 16),
    /sendto: flags .*'bar'/,
  );
});

test('an abstract Unix name may hold any bytes, and both ends see it', onLinux, () => {
  const listening = own(winsock.socket(AF_UNIX, SOCK_STREAM, 0));
  const bytes = Uint8Array.from([...new TextEncoder().encode(`netloom-${process.pid}`), 0, 255]);
  const name = SockaddrUn.from({ abstractName: bytes });
  succeeds(() => winsock.bind(listening, name, name.length));
  succeeds(() => winsock.listen(listening, 1));
  const client = own(winsock.socket(AF_UNIX, SOCK_STREAM, 0));
  succeeds(() => winsock.connect(client, name, name.length));
  const server = own(winsock.accept(listening, null, null));
  const peer = new SockaddrUn();
  succeeds(() => winsock.getpeername(client, peer, { value: sizeof(peer) }));
  assert.deepEqual(peer.abstractName, bytes);
  succeeds(() => winsock.send(client, four, 4, 0), 4);
  succeeds(() => winsock.recv(server, new Uint8Array(9), 9, 0), 4);
});

test('an abstract Unix name has at most 107 bytes', onLinux, () => {
  const s = own(winsock.socket(AF_UNIX, SOCK_STREAM, 0));
  const longest = SockaddrUn.from({ abstractName: new Uint8Array(107).fill(104) });
  succeeds(() => winsock.bind(s, longest, longest.length));
  assert.equal(longest.length, 110);
  assert.throws(() => SockaddrUn.from({ abstractName: new Uint8Array(108) }), RangeError);
  const other = own(winsock.socket(AF_UNIX, SOCK_STREAM, 0));
  const bytes = new Uint8Array(111);
  bytes.set(longest.bytes.subarray(0, 110));
  fails(10022, () => winsock.bind(other, bytes, 111));
});

test('a Unix socket bound to the family alone gets an abstract name of its own', onLinux, () => {
  const names = [0, 1].map(() => {
    const s = own(winsock.socket(AF_UNIX, SOCK_STREAM, 0));
    succeeds(() => winsock.bind(s, Uint8Array.of(AF_UNIX, 0), 2));
    const name = new SockaddrUn();
    succeeds(() => winsock.getsockname(s, name, { value: sizeof(name) }));
    return String(name);
  });
  for (const name of names) assert.match(name, /^@[0-9a-f]{5}$/);
  assert.notEqual(names[0], names[1]);
});

test('a Unix path is bound, seen, connected to, and taken once', onUnix, () => {
  const directory = mkdtempSync(join(tmpdir(), 'netloom-'));
  try {
    const name = SockaddrUn.from({ path: join(directory, 'söcket') });
    const listening = own(winsock.socket(AF_UNIX, SOCK_STREAM, 0));
    succeeds(() => winsock.bind(listening, name, name.length));
    assert.ok(existsSync(name.path));
    const seen = new SockaddrUn();
    succeeds(() => winsock.getsockname(listening, seen, { value: sizeof(seen) }));
    assert.equal(seen.path, name.path);
    succeeds(() => winsock.listen(listening, 1));
    const client = own(winsock.socket(AF_UNIX, SOCK_STREAM, 0));
    succeeds(() => winsock.connect(client, name, name.length));
    const server = own(winsock.accept(listening, null, null));
    succeeds(() => winsock.send(client, four, 4, 0), 4);
    succeeds(() => winsock.recv(server, new Uint8Array(9), 9, 0), 4);
    const second = own(winsock.socket(AF_UNIX, SOCK_STREAM, 0));
    fails(10048, () => winsock.bind(second, name, name.length));
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test('a datagram socket cannot listen, and a stream socket wants a connection first', () => {
  const { s } = receiver();
  fails(10045, () => winsock.listen(s, 1));
  fails(10057, () => winsock.recv(tcp(), new Uint8Array(1), 1, 0));
});
