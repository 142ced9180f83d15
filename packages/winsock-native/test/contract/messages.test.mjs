/** Datagrams: addresses, and a datagram that does not fit. */
import { SockaddrIn, SockaddrStorage, SockaddrUn } from '@netloom/sockaddr';
import {
  assert,
  bindAnywhere,
  bySystem,
  fails,
  nonBlocking,
  onlyOn,
  own,
  readable,
  sizeof,
  startUp,
  succeeds,
  test,
  udp,
  winsock,
} from './harness.mjs';

startUp();

function twoPeers() {
  const a = udp();
  const b = udp();
  return { a, b, nameA: bindAnywhere(a), nameB: bindAnywhere(b) };
}

const four = Uint8Array.of(1, 2, 3, 4);

test('recvfrom() gives the datagram and who sent it', () => {
  const { a, b, nameA, nameB } = twoPeers();
  succeeds(() => winsock.sendto(a, four, 4, 0, nameB, sizeof(nameB)), 4);
  const from = new SockaddrStorage();
  const length = { value: sizeof(from) };
  assert.equal(length.value, 128);
  succeeds(() => winsock.recvfrom(b, new Uint8Array(16), 16, 0, from, length), 4);
  assert.equal(String(from), String(nameA));
  assert.equal(length.value, 16);
});

test('recvfrom() without an address does not want one', () => {
  const { a, b, nameB } = twoPeers();
  assert.equal(winsock.sendto(a, four, 4, 0, nameB, 16), 4);
  succeeds(() => winsock.recvfrom(b, new Uint8Array(16), 16, 0, null, null), 4);
});

test('an empty datagram is received as 0', () => {
  const { a, b, nameB } = twoPeers();
  assert.equal(winsock.sendto(a, new Uint8Array(0), 0, 0, nameB, 16), 0);
  succeeds(() => winsock.recvfrom(b, new Uint8Array(4), 4, 0, null, null), 0);
});

for (const [call, receive] of [
  ['recv', (s, into) => winsock.recv(s, into, into.length, 0)],
  ['recvfrom', (s, into) => winsock.recvfrom(s, into, into.length, 0, null, null)],
]) {
  test(`${call}() of a datagram larger than the room fails with 10040 and delivers the first part`, () => {
    const { a, b, nameB } = twoPeers();
    assert.equal(winsock.sendto(a, four, 4, 0, nameB, 16), 4);
    readable(b);
    const into = new Uint8Array(3);
    fails(10040, () => receive(b, into));
    assert.deepEqual([...into], [1, 2, 3]);
    nonBlocking(b);
    fails(10035, () => receive(b, into));
  });
}

test('recvfrom() of a datagram larger than the room tells who sent it, and the length of the name', () => {
  const { a, b, nameA, nameB } = twoPeers();
  assert.equal(winsock.sendto(a, four, 4, 0, nameB, 16), 4);
  readable(b);
  const from = new SockaddrStorage();
  const length = { value: sizeof(from) };
  fails(10040, () => winsock.recvfrom(b, new Uint8Array(3), 3, 0, from, length));
  assert.equal(String(from), String(nameA));
  assert.equal(length.value, 16);
});

const ABSTRACT = "abstract names are Linux'";
test('a Unix sender of a cut datagram has its true length', onlyOn('linux', ABSTRACT), () => {
  const names = ['to', 'the-sender'].map((end) =>
    SockaddrUn.from({ abstractName: `netloom-cut-${process.pid}-${end}` }),
  );
  const [to, sender] = names.map((name) => {
    const s = own(winsock.socket(1, winsock.SOCK_DGRAM, 0));
    assert.equal(winsock.bind(s, name, name.length), 0);
    return s;
  });
  assert.equal(winsock.sendto(sender, four, 4, 0, names[0], names[0].length), 4);
  const from = new SockaddrUn();
  const length = { value: sizeof(from) };
  fails(10040, () => winsock.recvfrom(to, new Uint8Array(3), 3, 0, from, length));
  assert.equal(length.value, names[1].length);
  assert.equal(from.length, names[1].length);
  assert.equal(String(from), String(names[1]));
});

test('recvfrom() that fails otherwise leaves address and length alone', () => {
  const { b } = twoPeers();
  nonBlocking(b);
  const from = new SockaddrIn();
  const length = { value: 16 };
  fails(10035, () => winsock.recvfrom(b, new Uint8Array(4), 4, 0, from, length));
  assert.equal(length.value, 16);
  assert.deepEqual([...from.bytes], Array(16).fill(0));
});

test('a datagram that fits exactly is no 10040', () => {
  const { a, b, nameB } = twoPeers();
  assert.equal(winsock.sendto(a, four, 4, 0, nameB, 16), 4);
  succeeds(() => winsock.recvfrom(b, new Uint8Array(4), 4, 0, null, null), 4);
});

const TRUNC = onlyOn('linux', 'elsewhere MSG_TRUNC only comes out');
test('with MSG_TRUNC asked for, Linux returns the true length', TRUNC, () => {
  const { a, b, nameB } = twoPeers();
  assert.equal(winsock.sendto(a, four, 4, 0, nameB, 16), 4);
  succeeds(() => winsock.recv(b, new Uint8Array(2), 2, winsock.MSG_TRUNC), 4);
});

for (const room of [0, 15, -1]) {
  test(`recvfrom() with fromlen ${room} fails with 10014, and the datagram is still there`, () => {
    const { a, b, nameB } = twoPeers();
    assert.equal(winsock.sendto(a, four, 4, 0, nameB, 16), 4);
    readable(b);
    const into = new Uint8Array(16);
    fails(10014, () => winsock.recvfrom(b, into, 16, 0, new SockaddrIn(), { value: room }));
    assert.equal(winsock.recvfrom(b, into, 16, 0, null, null), 4);
  });
}

test('sendto() without a destination on an unconnected socket fails as the kernel says', () => {
  const code = bySystem({
    linux: 10039,
    win32: 10057,
    because: 'EDESTADDRREQ on POSIX, WSAENOTCONN in Winsock',
  });
  fails(code, () => winsock.sendto(udp(), four, 4, 0, null, 0));
});

test('sendto() with a destination length too small fails as the kernel says', () => {
  const code = bySystem({
    linux: 10022,
    win32: 10014,
    because: 'no check of ours: EINVAL on Linux, WSAEFAULT in Winsock',
  });
  const { a, nameB } = twoPeers();
  fails(code, () => winsock.sendto(a, four, 4, 0, nameB, 15));
});

test('sendto() with a destination length beyond its memory fails with 10014', () => {
  const { a, nameB } = twoPeers();
  fails(10014, () => winsock.sendto(a, four, 4, 0, nameB, 17));
});

test('sendto() of more than a datagram can hold fails with 10040', () => {
  const { a, nameB } = twoPeers();
  fails(10040, () => winsock.sendto(a, new Uint8Array(70_000), 70_000, 0, nameB, 16));
});

test('connect() gives a datagram socket its peer', () => {
  const { a, b, nameA, nameB } = twoPeers();
  succeeds(() => winsock.connect(a, nameB, sizeof(nameB)));
  assert.equal(winsock.send(a, four, 4, 0), 4);
  const from = new SockaddrIn();
  assert.equal(winsock.recvfrom(b, new Uint8Array(4), 4, 0, from, { value: 16 }), 4);
  assert.equal(String(from), String(nameA));
});
