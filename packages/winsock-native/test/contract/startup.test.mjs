/** Before start-up, counting, and the last error. One file, one process: the start-up count belongs to it. */
import { assert, fails, loopback, sizeof, test, winsock } from './harness.mjs';

const {
  FIONREAD,
  fd_set,
  INVALID_SOCKET,
  MAKEWORD,
  SO_TYPE,
  SOCK_STREAM,
  SOL_SOCKET,
  WSACleanup,
  WSADATA,
  WSAGetLastError,
  WSASetLastError,
  WSAStartup,
} = winsock;

const name = loopback();
const bytes = new Uint8Array(16);
const length = { value: 16 };

/** Every call on sockets, on a number that is no socket: 10093 comes before 10038. */
const CALLS = [
  ['socket', () => winsock.socket(2, SOCK_STREAM, 0), INVALID_SOCKET],
  ['bind', () => winsock.bind(9999, name, sizeof(name))],
  ['listen', () => winsock.listen(9999, 1)],
  ['accept', () => winsock.accept(9999, null, null), INVALID_SOCKET],
  ['connect', () => winsock.connect(9999, name, sizeof(name))],
  ['send', () => winsock.send(9999, bytes, 1, 0)],
  ['recv', () => winsock.recv(9999, bytes, 1, 0)],
  ['sendto', () => winsock.sendto(9999, bytes, 1, 0, name, sizeof(name))],
  ['recvfrom', () => winsock.recvfrom(9999, bytes, 1, 0, null, null)],
  ['shutdown', () => winsock.shutdown(9999, 0)],
  ['closesocket', () => winsock.closesocket(9999)],
  ['getsockname', () => winsock.getsockname(9999, bytes, length)],
  ['getpeername', () => winsock.getpeername(9999, bytes, length)],
  ['setsockopt', () => winsock.setsockopt(9999, SOL_SOCKET, SO_TYPE, 1)],
  ['getsockopt', () => winsock.getsockopt(9999, SOL_SOCKET, SO_TYPE, { value: 0 })],
  ['ioctlsocket', () => winsock.ioctlsocket(9999, FIONREAD, { value: 0 })],
  ['select', () => winsock.select(0, new fd_set(), null, null, { tv_sec: 0, tv_usec: 0 })],
  ['WSAPoll', () => winsock.WSAPoll([{ fd: 9999, events: 1, revents: 0 }], 1, 0)],
];

for (const [call, run, failed] of CALLS) {
  test(`${call}() fails with 10093 before WSAStartup, whatever its arguments`, () => {
    fails(10093, run, failed);
  });
}

test('a length that C would refuse comes after 10093', () => {
  fails(10093, () => winsock.bind(9999, name, 0));
  fails(10093, () => winsock.send(9999, bytes, 17, 0));
});

test('a wrong JavaScript type throws before 10093', () => {
  WSASetLastError(0);
  assert.throws(() => winsock.listen('9999', 1), TypeError);
  assert.equal(WSAGetLastError(), 0);
});

test('WSACleanup() without a start-up fails with 10093', () => {
  fails(10093, () => WSACleanup());
});

test('WSAStartup() tells the version it will use and the highest there is', () => {
  const data = new WSADATA();
  assert.equal(WSAStartup(MAKEWORD(2, 2), data), 0);
  assert.equal(data.wVersion, 0x0202);
  assert.equal(data.wHighVersion, 0x0202);
  assert.equal(winsock.LOBYTE(data.wVersion), 2);
  assert.equal(winsock.HIBYTE(data.wVersion), 2);
  assert.equal(WSACleanup(), 0);
});

test('WSAStartup(v, null) returns 10014 and leaves the last error alone', () => {
  WSASetLastError(5);
  assert.equal(WSAStartup(MAKEWORD(2, 2), null), 10014);
  assert.equal(WSAGetLastError(), 5);
  fails(10093, () => winsock.closesocket(9999));
});

test('WSAStartup() of a version below 1.0 returns 10092', () => {
  assert.equal(WSAStartup(MAKEWORD(0, 0), new WSADATA()), 10092);
});

test('start-ups are counted: after the last clean-up calls fail with 10093', () => {
  assert.equal(WSAStartup(MAKEWORD(2, 2), new WSADATA()), 0);
  assert.equal(WSAStartup(MAKEWORD(2, 2), new WSADATA()), 0);
  fails(10038, () => winsock.closesocket(9999));
  assert.equal(WSACleanup(), 0);
  fails(10038, () => winsock.closesocket(9999));
  assert.equal(WSACleanup(), 0);
  fails(10093, () => winsock.closesocket(9999));
});

test('WSASetLastError() sets what WSAGetLastError() gives, and reading does not clear it', () => {
  WSASetLastError(10048);
  assert.equal(WSAGetLastError(), 10048);
  assert.equal(WSAGetLastError(), 10048);
});

test('MAKEWORD() puts the first argument into the low byte', () => {
  assert.equal(MAKEWORD(2, 1), 0x0102);
  assert.equal(MAKEWORD(0x1ff, 0), 0xff);
});
