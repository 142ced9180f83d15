/** Bytes over a connection: counts, the end, and the codes. */
import {
  assert,
  bySystem,
  close,
  connected,
  fails,
  nonBlocking,
  notOn,
  readable,
  startUp,
  succeeds,
  tcp,
  test,
  winsock,
} from './harness.mjs';

const { MSG_PEEK, POLLIN, SD_BOTH, SD_RECEIVE, SD_SEND, SO_LINGER, SO_RCVTIMEO, SOL_SOCKET } =
  winsock;

startUp();

const hello = new TextEncoder().encode('hello');

test('recv() gives the bytes that send() took', () => {
  const { client, server } = connected();
  succeeds(() => winsock.send(client, hello, hello.length, 0), 5);
  const got = new Uint8Array(16);
  succeeds(() => winsock.recv(server, got, got.length, 0), 5);
  assert.equal(new TextDecoder().decode(got.subarray(0, 5)), 'hello');
});

test('send() and recv() work within the view they are given, and nowhere else', () => {
  const { client, server } = connected();
  const out = new Uint8Array([9, 9, 1, 2, 3, 9]).subarray(2, 5);
  assert.equal(winsock.send(client, out, 3, 0), 3);
  const memory = new Uint8Array(8).fill(255);
  assert.equal(winsock.recv(server, memory.subarray(4, 7), 3, 0), 3);
  assert.deepEqual([...memory], [255, 255, 255, 255, 1, 2, 3, 255]);
});

test('any view will do: DataView, Uint16Array', () => {
  const { client, server } = connected();
  assert.equal(winsock.send(client, Uint16Array.of(0x4141, 0x4242), 4, 0), 4);
  const got = new DataView(new ArrayBuffer(4));
  assert.equal(winsock.recv(server, got, 4, 0), 4);
  assert.equal(got.getUint32(0), 0x41414242);
});

test('recv() gives 0 after the peer has shut down sending, and goes on doing so', () => {
  const { client, server } = connected();
  assert.equal(winsock.send(client, hello, 5, 0), 5);
  assert.equal(winsock.shutdown(client, SD_SEND), 0);
  const got = new Uint8Array(16);
  assert.equal(winsock.recv(server, got, 16, 0), 5);
  for (let i = 0; i < 3; i++) succeeds(() => winsock.recv(server, got, 16, 0), 0);
});

test('the other direction still works after a half close', () => {
  const { client, server } = connected();
  assert.equal(winsock.shutdown(client, SD_SEND), 0);
  assert.equal(winsock.send(server, hello, 5, 0), 5);
  assert.equal(winsock.recv(client, new Uint8Array(16), 16, 0), 5);
});

test('recv() fails with 10054 when the peer resets', () => {
  const { client, server } = connected();
  const linger = { l_onoff: 0, l_linger: -1 };
  assert.equal(winsock.getsockopt(client, SOL_SOCKET, SO_LINGER, linger), 0);
  assert.equal(linger.l_onoff, 0);
  assert.equal(winsock.setsockopt(client, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 }), 0);
  close(client);
  readable(server);
  fails(10054, () => winsock.recv(server, new Uint8Array(1), 1, 0));
});

test('send() after the peer has reset fails with 10054', () => {
  const { client, server } = connected();
  assert.equal(winsock.setsockopt(client, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 0 }), 0);
  close(client);
  readable(server);
  fails(10054, () => winsock.send(server, hello, 5, 0));
  // The second one is EPIPE to Linux; it never raises SIGPIPE.
  fails(10054, () => winsock.send(server, hello, 5, 0));
});

test('recv() on a non-blocking socket fails with 10035 when nothing has come', () => {
  const { server } = connected();
  nonBlocking(server);
  fails(10035, () => winsock.recv(server, new Uint8Array(1), 1, 0));
});

test('FIONBIO 0 makes it wait again', () => {
  const { server } = connected();
  nonBlocking(server);
  assert.equal(winsock.ioctlsocket(server, winsock.FIONBIO, { value: 0 }), 0);
  assert.equal(winsock.setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, 30), 0);
  fails(10060, () => winsock.recv(server, new Uint8Array(1), 1, 0));
});

test('send() on a non-blocking socket takes a part, then fails with 10035', () => {
  const { client } = connected();
  nonBlocking(client);
  const big = new Uint8Array(32 << 20);
  const taken = winsock.send(client, big, big.length, 0);
  const most = bySystem({
    linux: big.length - 1,
    win32: big.length,
    because: 'Windows takes all of a buffer while there is any room',
  });
  assert.ok(taken > 0 && taken <= most, `took ${taken}`);
  let last = taken;
  winsock.WSASetLastError(0);
  while (last > 0) last = winsock.send(client, big, big.length, 0);
  assert.equal(winsock.WSAGetLastError(), 10035);
});

test('recv() fails with 10060 when SO_RCVTIMEO has passed, and not before', () => {
  const { server } = connected();
  const unset = { tv_sec: -1, tv_usec: -1 };
  assert.equal(winsock.getsockopt(server, SOL_SOCKET, SO_RCVTIMEO, unset), 0);
  assert.deepEqual(unset, { tv_sec: 0, tv_usec: 0 });
  assert.equal(winsock.setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, 100), 0);
  const before = performance.now();
  fails(10060, () => winsock.recv(server, new Uint8Array(1), 1, 0));
  const passed = performance.now() - before;
  assert.ok(passed >= 99 && passed < 3000, `after ${passed} ms`);
});

for (const value of [
  100,
  { tv_sec: 0, tv_usec: 100_000 },
  new Uint8Array(BigInt64Array.of(0n, 100_000n).buffer),
]) {
  const form = ArrayBuffer.isView(value) ? 'its 16 bytes' : JSON.stringify(value);
  const options = ArrayBuffer.isView(value) ? notOn('win32', 'to Winsock it has four') : {};
  test(`SO_RCVTIMEO takes ${form}`, options, () => {
    const s = tcp();
    assert.equal(winsock.setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, value, value.byteLength), 0);
    const time = { tv_sec: 0, tv_usec: 0 };
    assert.equal(winsock.getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, time), 0);
    assert.deepEqual(time, { tv_sec: 0, tv_usec: 100_000 });
    const ms = { value: 0 };
    assert.equal(winsock.getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, ms), 0);
    assert.equal(ms.value, 100);
  });
}

test("send() after one's own shutdown fails with 10058", () => {
  const { client } = connected();
  assert.equal(winsock.shutdown(client, SD_SEND), 0);
  fails(10058, () => winsock.send(client, hello, 5, 0));
});

test('send() and recv() on a socket that was never connected fail with 10057', () => {
  const code = bySystem({
    linux: 10057,
    wine: 10054,
    because: 'Wine has no history of the socket when the kernel below it says EPIPE',
  });
  fails(code, () => winsock.send(tcp(), hello, 5, 0));
  fails(10057, () => winsock.recv(tcp(), new Uint8Array(1), 1, 0));
});

test('recv() after SD_RECEIVE does what the kernel does', () => {
  const { server } = connected();
  assert.equal(winsock.shutdown(server, SD_RECEIVE), 0);
  const expected = bySystem({
    linux: [0, 0],
    win32: [-1, 10058],
    because: 'POSIX reports the end, Winsock the shutdown',
  });
  winsock.WSASetLastError(0);
  const result = winsock.recv(server, new Uint8Array(1), 1, 0);
  assert.deepEqual([result, winsock.WSAGetLastError()], expected);
});

for (const len of [-1, 6, 2 ** 31 - 1]) {
  test(`a length of ${len} for 5 bytes fails with 10014, and nothing is sent or taken`, () => {
    const { client, server } = connected();
    fails(10014, () => winsock.send(client, hello, len, 0));
    assert.equal(winsock.send(server, hello, 5, 0), 5);
    readable(client);
    fails(10014, () => winsock.recv(client, new Uint8Array(5), len, 0));
    assert.equal(winsock.recv(client, new Uint8Array(5), 5, 0), 5);
    nonBlocking(server);
    fails(10035, () => winsock.recv(server, new Uint8Array(5), 5, 0));
  });
}

test('NULL with length 0 is legal, with more it is 10014', () => {
  const { client } = connected();
  succeeds(() => winsock.send(client, null, 0, 0), 0);
  fails(10014, () => winsock.send(client, null, 1, 0));
  fails(10014, () => winsock.recv(client, null, 1, 0));
});

test('MSG_PEEK leaves the bytes where they are', () => {
  const { client, server } = connected();
  assert.equal(winsock.send(client, hello, 5, 0), 5);
  const got = new Uint8Array(5);
  assert.equal(winsock.recv(server, got, 5, MSG_PEEK), 5);
  assert.equal(winsock.recv(server, got, 5, 0), 5);
});

test('FIONREAD tells how many bytes are waiting', () => {
  const { client, server } = connected();
  const waiting = { value: 99 };
  assert.equal(winsock.ioctlsocket(server, winsock.FIONREAD, waiting), 0);
  assert.equal(waiting.value, 0);
  assert.equal(winsock.send(client, hello, 5, 0), 5);
  assert.notEqual(readable(server) & POLLIN, 0);
  assert.equal(winsock.ioctlsocket(server, winsock.FIONREAD, waiting), 0);
  assert.equal(waiting.value, 5);
});

test('after SD_BOTH the peer reads 0', () => {
  const { client, server } = connected();
  assert.equal(winsock.shutdown(client, SD_BOTH), 0);
  assert.equal(winsock.recv(server, new Uint8Array(1), 1, 0), 0);
});
