/** From socket to closesocket: what each call answers, and the code when it fails. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { SockaddrIn, SockaddrIn6 } from '@netloom/sockaddr';
import {
  assert,
  bindAnywhere,
  bySystem,
  close,
  connected,
  fails,
  listener,
  loopback,
  nonBlocking,
  notOn,
  onlyOn,
  own,
  readable,
  sizeof,
  startUp,
  succeeds,
  tcp,
  test,
  udp,
  winsock,
} from './harness.mjs';

const { INVALID_SOCKET, POLLIN, SD_BOTH, SO_ERROR, SOCK_STREAM, SOL_SOCKET } = winsock;

startUp();

/** A socket that was open and is not any more, and numbers that never were one. */
function closedSocket() {
  const s = tcp();
  close(s);
  return s;
}

const NOT_SOCKETS = [
  ['a closed socket', closedSocket],
  ['INVALID_SOCKET', () => INVALID_SOCKET],
  ['a number beyond all', () => 2 ** 31 - 1],
];

const CALLS = [
  ['bind', (s) => winsock.bind(s, loopback(), 16)],
  ['listen', (s) => winsock.listen(s, 1)],
  ['accept', (s) => winsock.accept(s, null, null)],
  ['connect', (s) => winsock.connect(s, loopback(1), 16)],
  ['send', (s) => winsock.send(s, new Uint8Array(1), 1, 0)],
  ['recv', (s) => winsock.recv(s, new Uint8Array(1), 1, 0)],
  ['sendto', (s) => winsock.sendto(s, new Uint8Array(1), 1, 0, loopback(1), 16)],
  ['recvfrom', (s) => winsock.recvfrom(s, new Uint8Array(1), 1, 0, null, null)],
  ['shutdown', (s) => winsock.shutdown(s, SD_BOTH)],
  ['closesocket', (s) => winsock.closesocket(s)],
  ['getsockname', (s) => winsock.getsockname(s, new SockaddrIn(), { value: 16 })],
  ['getpeername', (s) => winsock.getpeername(s, new SockaddrIn(), { value: 16 })],
  ['setsockopt', (s) => winsock.setsockopt(s, SOL_SOCKET, winsock.SO_KEEPALIVE, 1)],
  ['getsockopt', (s) => winsock.getsockopt(s, SOL_SOCKET, SO_ERROR, { value: 0 })],
  ['ioctlsocket', (s) => winsock.ioctlsocket(s, winsock.FIONBIO, { value: 1 })],
];

for (const [what, make] of NOT_SOCKETS) {
  for (const [call, run] of CALLS) {
    test(`${call}() on ${what} fails with 10038`, () => {
      const s = make();
      fails(10038, () => run(s));
    });
  }
}

/** The same calls with a length that is wrong on any socket: the handle is looked at first. */
const WRONG_LENGTHS = [
  ['bind', (s) => winsock.bind(s, loopback(), 1)],
  ['connect', (s) => winsock.connect(s, loopback(1), 17)],
  ['accept', (s) => winsock.accept(s, new SockaddrIn(), { value: 1 })],
  ['send', (s) => winsock.send(s, new Uint8Array(1), 2, 0)],
  ['recv', (s) => winsock.recv(s, new Uint8Array(1), -1, 0)],
  ['sendto', (s) => winsock.sendto(s, new Uint8Array(1), 1, 0, loopback(1), 17)],
  ['recvfrom', (s) => winsock.recvfrom(s, new Uint8Array(1), 2, 0, null, null)],
  ['getsockname', (s) => winsock.getsockname(s, new SockaddrIn(), { value: 15 })],
  ['getpeername', (s) => winsock.getpeername(s, new SockaddrIn(), { value: 17 })],
  ['setsockopt', (s) => winsock.setsockopt(s, SOL_SOCKET, winsock.SO_KEEPALIVE, null, 4)],
  ['getsockopt', (s) => winsock.getsockopt(s, SOL_SOCKET, SO_ERROR, { value: 0 }, { value: 3 })],
  ['ioctlsocket', (s) => winsock.ioctlsocket(s, winsock.FIONBIO, null)],
];

const NEVER_OPENED = ['a number that was never opened', () => 7777];

for (const [what, make] of [...NOT_SOCKETS, NEVER_OPENED]) {
  for (const [call, run] of WRONG_LENGTHS) {
    test(`${call}() on ${what} fails with 10038 also where a length is wrong`, () => {
      const s = make();
      fails(10038, () => run(s));
    });
  }
}

for (const [call, run] of WRONG_LENGTHS) {
  test(`${call}() with a wrong length fails with 10014 on a socket`, () => {
    const s = tcp();
    // A name that there is: to Winsock a socket that is not bound has none, whatever the length.
    if (call === 'getsockname') bindAnywhere(s);
    fails(10014, () => run(s));
  });
}

{
  const options = notOn('win32', "a file's descriptor is no number of the system's there");
  for (const [call, run] of [...CALLS, ...WRONG_LENGTHS]) {
    test(`${call}() on a descriptor that is no socket gives 10038`, options, () => {
      const file = openSync('/dev/null', 'r');
      fails(10038, () => run(file));
      closeSync(file);
    });
  }

  test('ioctlsocket() leaves a file as it is', onlyOn('linux', 'looks into /proc'), () => {
    const file = openSync('/proc/self/exe', 'r');
    const flags = () => /flags:.*/.exec(readFileSync(`/proc/self/fdinfo/${file}`, 'utf8'))?.[0];
    const before = flags();
    for (const command of [winsock.FIONBIO, winsock.FIONREAD, winsock.SIOCATMARK]) {
      const argument = { value: 1 };
      fails(10038, () => winsock.ioctlsocket(file, command, argument));
      assert.equal(argument.value, 1);
    }
    assert.equal(flags(), before);
    closeSync(file);
  });
}

test('socket() answers 10047 for a family that is none', () => {
  fails(10047, () => winsock.socket(250, SOCK_STREAM, 0));
});

test('socket() answers 10044 or 10022 for a type that is none', () => {
  const code = bySystem({
    linux: 10022,
    darwin: 10044,
    win32: 10044,
    because: 'Linux checks the number before the family is asked: EINVAL, socket(2)',
  });
  fails(code, () => winsock.socket(2, 77, 0));
});

test('socket() answers 10043 for a protocol that does not fit', () => {
  fails(10043, () => winsock.socket(2, SOCK_STREAM, 17));
});

test('bind() to a port in use fails with 10048', () => {
  const { name } = listener();
  fails(10048, () => winsock.bind(tcp(), name, sizeof(name)));
});

test('bind() to an address of another machine fails with 10049', () => {
  const name = SockaddrIn.from({ address: '192.0.2.1', port: 0 });
  fails(10049, () => winsock.bind(tcp(), name, sizeof(name)));
});

test('bind() of a bound socket fails with 10022', () => {
  const s = tcp();
  bindAnywhere(s);
  fails(10022, () => winsock.bind(s, loopback(), 16));
});

test('bind() with an address of another family fails with 10047 or 10014', () => {
  const code = bySystem({
    linux: 10047,
    win32: 10014,
    wine: 10045,
    because: 'Windows compares the length with the family first, Linux takes a longer one',
  });
  const name = SockaddrIn6.from({ address: '::1', port: 0 });
  fails(code, () => winsock.bind(tcp(), name, sizeof(name)));
});

for (const namelen of [-1, 0, 1, 2, 15]) {
  test(`bind() and connect() with ${namelen} bytes for a sockaddr_in fail with 10014`, () => {
    const s = tcp();
    fails(10014, () => winsock.bind(s, loopback(), namelen));
    fails(10014, () => winsock.connect(s, loopback(1), namelen));
  });
}

test('bind() and connect() with a length beyond the memory, or with NULL, fail with 10014', () => {
  const s = tcp();
  fails(10014, () => winsock.bind(s, loopback(), 17));
  fails(10014, () => winsock.connect(s, loopback(1), 17));
  fails(10014, () => winsock.bind(s, null, 16));
  fails(10014, () => winsock.connect(s, null, 16));
});

test('bind() takes plain bytes as well as a structure', () => {
  const { bytes } = loopback();
  succeeds(() => winsock.bind(tcp(), bytes, bytes.length));
});

test('listen() on a connected socket fails', () => {
  const code = bySystem({
    linux: 10022,
    win32: 10056,
    wine: 10022,
    because: 'the kernel has its own name for it: EINVAL on Linux, WSAEISCONN in Winsock',
  });
  const { client } = connected();
  fails(code, () => winsock.listen(client, 1));
});

test('listen() on a datagram socket fails with 10045', () => {
  const s = udp();
  bindAnywhere(s);
  fails(10045, () => winsock.listen(s, 1));
});

test('listen(s, -1) is legal', () => {
  const s = tcp();
  bindAnywhere(s);
  succeeds(() => winsock.listen(s, -1));
});

test('accept() gives a new socket and the peer, and the listener stays', () => {
  const { s, name } = listener();
  const client = tcp();
  assert.equal(winsock.connect(client, name, sizeof(name)), 0);
  const peer = new SockaddrIn();
  const length = { value: sizeof(peer) };
  const accepted = own(winsock.accept(s, peer, length));
  assert.notEqual(accepted, s);
  assert.equal(length.value, 16);
  const own_ = new SockaddrIn();
  assert.equal(winsock.getsockname(client, own_, { value: 16 }), 0);
  assert.equal(String(peer), String(own_));
  nonBlocking(s);
  fails(10035, () => winsock.accept(s, null, null));
});

for (const room of [0, 1, 15, -1]) {
  test(`accept() with addrlen ${room} fails with 10014, and the connection is still there`, () => {
    const { s, name } = listener();
    const client = tcp();
    assert.equal(winsock.connect(client, name, sizeof(name)), 0);
    const peer = new SockaddrIn();
    const length = { value: room };
    fails(10014, () => winsock.accept(s, peer, length));
    assert.equal(length.value, room);
    const accepted = own(winsock.accept(s, peer, { value: sizeof(peer) }));
    assert.equal(winsock.send(client, Uint8Array.of(7), 1, 0), 1);
    const got = new Uint8Array(4);
    assert.equal(winsock.recv(accepted, got, 4, 0), 1);
    assert.equal(got[0], 7);
  });
}

test('accept() with an address but no addrlen fails with 10014', () => {
  const { s } = listener();
  fails(10014, () => winsock.accept(s, new SockaddrIn(), null));
});

test('accept() with a larger room returns the true length', () => {
  const { s, name } = listener();
  assert.equal(winsock.connect(tcp(), name, sizeof(name)), 0);
  const length = { value: 128 };
  own(winsock.accept(s, new Uint8Array(128), length));
  assert.equal(length.value, 16);
});

test('accept() on a socket that does not listen fails with 10022', () => {
  const s = tcp();
  bindAnywhere(s);
  fails(10022, () => winsock.accept(s, null, null));
});

test('accept() on a datagram socket fails with 10045', () => {
  fails(10045, () => winsock.accept(udp(), null, null));
});

test('accept() on a non-blocking listener nobody connects to fails with 10035', () => {
  const { s } = listener();
  nonBlocking(s);
  fails(10035, () => winsock.accept(s, null, null));
});

test('a socket from a non-blocking listener starts blocking', () => {
  const { s, name } = listener();
  nonBlocking(s);
  const client = tcp();
  assert.equal(winsock.connect(client, name, sizeof(name)), 0);
  assert.notEqual(readable(s) & POLLIN, 0);
  const accepted = own(winsock.accept(s, null, null));
  // Were it non-blocking this would be 10035 at once; it waits for its 50 ms instead.
  assert.equal(winsock.setsockopt(accepted, SOL_SOCKET, winsock.SO_RCVTIMEO, 50), 0);
  fails(10060, () => winsock.recv(accepted, new Uint8Array(1), 1, 0));
});

test('connect() to a port where nobody listens fails with 10061', () => {
  const { s, name } = listener();
  close(s);
  fails(10061, () => winsock.connect(tcp(), name, sizeof(name)));
});

test('connect() to port 0 fails as the kernel says', () => {
  const code = bySystem({
    linux: 10061,
    darwin: 10049,
    win32: 10049,
    wine: 10061,
    because: 'Linux sends to port 0 and is refused; the others refuse the address',
  });
  fails(code, () => winsock.connect(tcp(), loopback(0), 16));
});

test('connect() of a connected socket fails with 10056, at once too', () => {
  const { s, name } = listener();
  const client = tcp();
  assert.equal(winsock.connect(client, name, sizeof(name)), 0);
  fails(10056, () => winsock.connect(client, name, sizeof(name)));
  fails(10056, () => winsock.connect(client, name, sizeof(name)));
  close(s);
});

test('connect() of a non-blocking socket fails with 10035 and goes on; SO_ERROR tells the end', () => {
  const { s, name } = listener();
  const client = nonBlocking(tcp());
  fails(10035, () => winsock.connect(client, name, sizeof(name)));
  const fds = [{ fd: client, events: winsock.POLLOUT, revents: 0 }];
  assert.equal(winsock.WSAPoll(fds, 1, 5000), 1);
  const error = { value: -1 };
  assert.equal(winsock.getsockopt(client, SOL_SOCKET, SO_ERROR, error), 0);
  assert.equal(error.value, 0);
  own(winsock.accept(s, null, null));
});

test('a refused connect of a non-blocking socket leaves 10061 in SO_ERROR, once', () => {
  const { s, name } = listener();
  close(s);
  const client = nonBlocking(tcp());
  winsock.WSASetLastError(0);
  assert.equal(winsock.connect(client, name, sizeof(name)), -1);
  assert.equal(winsock.WSAGetLastError(), 10035);
  const fds = [{ fd: client, events: winsock.POLLOUT, revents: 0 }];
  assert.equal(winsock.WSAPoll(fds, 1, 5000), 1);
  const error = { value: 0 };
  assert.equal(winsock.getsockopt(client, SOL_SOCKET, SO_ERROR, error), 0);
  assert.equal(error.value, 10061);
  assert.equal(winsock.getsockopt(client, SOL_SOCKET, SO_ERROR, error), 0);
  const again = bySystem({
    linux: 0,
    wine: 10061,
    because: 'reading takes the error away; Wine keeps that of a connect',
  });
  assert.equal(error.value, again);
});

test('shutdown() of a socket that is not connected fails with 10057', () => {
  fails(10057, () => winsock.shutdown(tcp(), SD_BOTH));
});

test('shutdown() in a direction that is none fails with 10022', () => {
  const { client } = connected();
  fails(10022, () => winsock.shutdown(client, 3));
});

test('closesocket() frees the number, and a second one fails with 10038', () => {
  const s = winsock.socket(2, SOCK_STREAM, 0);
  succeeds(() => winsock.closesocket(s));
  fails(10038, () => winsock.closesocket(s));
});
