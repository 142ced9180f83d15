/** select and WSAPoll: behaviours that the tests of peers hold. Their sources: vectors/reference/peer-behaviours.json. */
import {
  assert,
  bindAnywhere,
  bySystem,
  close,
  connected,
  fails,
  listener,
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

const { FD_ISSET, FD_SET, fd_set, INVALID_SOCKET, MSG_OOB, SO_ERROR, SOL_SOCKET } = winsock;
const { POLLERR, POLLHUP, POLLIN, POLLNVAL, POLLOUT, POLLPRI, POLLRDBAND, POLLRDNORM } = winsock;
const NOW = { tv_sec: 0, tv_usec: 0 };
const LONG = { tv_sec: 5, tv_usec: 0 };
const onLinux = { skip: process.platform !== 'linux' };
const hello = new TextEncoder().encode('hello');

startUp();

function setOf(...sockets) {
  const set = new fd_set();
  for (const s of sockets) FD_SET(s, set);
  return set;
}

/** Asks for everything about one socket: read, write, except. */
function seen(s, timeout = NOW) {
  const sets = [setOf(s), setOf(s), setOf(s)];
  const count = winsock.select(0, ...sets, timeout);
  assert.ok(count >= 0, `last error ${winsock.WSAGetLastError()}`);
  const found = sets.map((set) => FD_ISSET(s, set));
  assert.equal(count, found[0] + found[1] + found[2]);
  return found;
}

function polled(s, events, timeout = 0) {
  const fds = [{ fd: s, events, revents: 0x7777 }];
  const count = winsock.WSAPoll(fds, 1, timeout);
  assert.equal(count, fds[0].revents === 0 ? 0 : 1);
  return fds[0].revents;
}

/** A connect that was refused, with its error still to be asked for. */
function refused() {
  const { s, name } = listener();
  close(s);
  const client = nonBlocking(tcp());
  fails(10035, () => winsock.connect(client, name, 16));
  assert.notEqual(polled(client, POLLOUT, 5000), 0);
  return client;
}

function errorOf(s) {
  const error = { value: -1 };
  assert.equal(winsock.getsockopt(s, SOL_SOCKET, SO_ERROR, error), 0);
  return error.value;
}

test('select() of a stream that was never connected answers as the kernel does', () => {
  const expected = bySystem({
    linux: [1, 1, 0],
    darwin: [0, 0, 0],
    win32: [0, 0, 0],
    because: 'Linux says that it is hung up, and calls may be made that fail at once',
  });
  assert.deepEqual(seen(tcp()), expected);
});

test('select() of a datagram socket without a port: it is writable', () => {
  assert.deepEqual(seen(udp()), [0, 1, 0]);
});

test('select() of a listener: nothing, then a connection to read; the new ends are writable', () => {
  const { s, name } = listener();
  assert.deepEqual(seen(s), [0, 0, 0]);
  const client = nonBlocking(tcp());
  winsock.connect(client, name, 16);
  assert.deepEqual(seen(s, LONG), [1, 0, 0]);
  const server = own(winsock.accept(s, null, null));
  assert.deepEqual(seen(client, LONG), [0, 1, 0]);
  assert.deepEqual(seen(server, LONG), [0, 1, 0]);
  assert.deepEqual(seen(s), [0, 0, 0]);
  assert.equal(errorOf(client), 0);
});

test('select() counts a socket in each set that it is ready in', () => {
  const { client, server } = connected();
  assert.equal(winsock.send(client, hello, 5, 0), 5);
  readable(server);
  assert.deepEqual(seen(server), [1, 1, 0]);
  assert.equal(winsock.recv(server, new Uint8Array(9), 9, 0), 5);
  assert.deepEqual(seen(server), [0, 1, 0]);
});

test('select() with one set in two places keeps what is ready in either, counted once', () => {
  const { client, server } = connected();
  const both = setOf(client, server);
  succeeds(() => winsock.select(0, both, both, null, NOW), 2);
  assert.deepEqual(both.fd_array, [client, server]);
  assert.equal(winsock.send(client, hello, 5, 0), 5);
  readable(server);
  succeeds(() => winsock.select(0, both, both, null, NOW), 2);
  nonBlocking(client);
  const big = new Uint8Array(1 << 20);
  while (winsock.send(client, big, big.length, 0) > 0);
  const one = setOf(client, server);
  succeeds(() => winsock.select(0, one, one, null, NOW), 1);
  assert.deepEqual(one.fd_array, [server]);
});

test('select() with a socket twice in one set leaves it once', () => {
  const { client } = connected();
  const set = setOf(client);
  set.fd_array.push(client);
  succeeds(() => winsock.select(0, null, set, null, NOW), 1);
  assert.deepEqual(set.fd_array, [client]);
});

test('select() takes 200 sockets and keeps their order', () => {
  const sockets = Array.from({ length: 200 }, udp);
  const set = setOf(...sockets);
  succeeds(() => winsock.select(0, null, set, null, NOW), 200);
  assert.deepEqual(set.fd_array, sockets);
});

test('select() with a number that is no socket fails with 10038 and changes no set and no time', () => {
  const { client } = connected();
  for (const place of [0, 1, 2]) {
    for (const wrong of [INVALID_SOCKET, 0x7ffffff]) {
      const sets = [setOf(client), setOf(client), setOf(client)];
      FD_SET(wrong, sets[place]);
      const time = { tv_sec: 1, tv_usec: 5 };
      fails(10038, () => winsock.select(0, ...sets, time));
      const sizes = sets.map((set) => set.fd_count);
      assert.deepEqual(
        sizes,
        [0, 1, 2].map((i) => (i === place ? 2 : 1)),
      );
      assert.deepEqual(time, { tv_sec: 1, tv_usec: 5 });
    }
  }
});

test('select() shows urgent data in the except set, and not where they are inline', () => {
  const { client, server } = connected();
  assert.equal(winsock.send(client, hello, 1, MSG_OOB), 1);
  const except = setOf(server);
  succeeds(() => winsock.select(0, null, null, except, LONG), 1);
  assert.equal(winsock.recv(server, new Uint8Array(1), 1, MSG_OOB), 1);
  const inline = connected();
  assert.equal(winsock.setsockopt(inline.server, SOL_SOCKET, winsock.SO_OOBINLINE, 1), 0);
  assert.equal(winsock.send(inline.client, hello, 1, MSG_OOB), 1);
  const read = setOf(inline.server);
  succeeds(() => winsock.select(0, read, null, null, LONG), 1);
});

test('select() of a refused connect shows it in the sets that the kernel shows', () => {
  const expected = bySystem({
    linux: [1, 1, 1],
    win32: [0, 0, 1],
    because:
      'to POSIX a call that fails at once is ready, Winsock shows failure in the third set alone',
  });
  assert.deepEqual(seen(refused()), expected);
});

test(
  'SO_ERROR of a refused connect is given once, and the except set is empty after it',
  onLinux,
  () => {
    const client = refused();
    assert.equal(errorOf(client), 10061);
    assert.equal(errorOf(client), 0);
    assert.equal(seen(client)[2], 0);
  },
);

test('after a refused blocking connect SO_ERROR is 0: the call has told it', () => {
  const { s, name } = listener();
  close(s);
  const client = tcp();
  fails(10061, () => winsock.connect(client, name, 16));
  assert.equal(errorOf(client), 0);
});

test('a reset connection is readable and writable, and not in the except set', () => {
  const { client, server } = connected();
  const hard = { l_onoff: 1, l_linger: 0 };
  assert.equal(winsock.setsockopt(client, SOL_SOCKET, winsock.SO_LINGER, hard), 0);
  close(client);
  const events = polled(server, POLLIN | POLLOUT, 5000);
  assert.equal(events & (POLLERR | POLLHUP), POLLERR | POLLHUP);
  fails(10054, () => winsock.recv(server, new Uint8Array(1), 1, 0));
  assert.deepEqual(seen(server), [1, 1, 0]);
});

test('WSAPoll() without entries does what the kernel does', () => {
  const code = bySystem({
    linux: 0,
    win32: 10022,
    because: 'poll(2) of nothing is a pause, Winsock wants an entry',
  });
  for (const fds of [null, []]) {
    winsock.WSASetLastError(0);
    winsock.WSAPoll(fds, 0, 0);
    assert.equal(winsock.WSAGetLastError(), code);
  }
});

test('WSAPoll() tells a waiting connection until it is accepted', () => {
  const { s, name } = listener();
  assert.equal(polled(s, POLLIN), 0);
  assert.equal(winsock.connect(tcp(), name, 16), 0);
  for (let i = 0; i < 2; i++) assert.equal(polled(s, POLLRDNORM, 5000), POLLRDNORM);
  assert.equal(polled(s, POLLOUT), 0);
  own(winsock.accept(s, null, null));
  assert.equal(polled(s, POLLIN), 0);
});

test('WSAPoll() tells normal and urgent data apart', onLinux, () => {
  const { client, server } = connected();
  assert.equal(winsock.send(client, hello, 5, 0), 5);
  assert.equal(polled(server, POLLRDNORM | POLLRDBAND, 5000), POLLRDNORM);
  assert.equal(winsock.recv(server, new Uint8Array(9), 9, 0), 5);
  assert.equal(polled(server, POLLRDNORM), 0);
  assert.equal(winsock.send(client, hello, 1, MSG_OOB), 1);
  assert.equal(polled(server, POLLPRI, 5000), POLLPRI);
  assert.equal(winsock.recv(server, new Uint8Array(1), 1, MSG_OOB), 1);
  assert.equal(polled(server, POLLPRI), 0);
});

test('WSAPoll() of a full socket does not say writable, and says so again when there is room', () => {
  const { client, server } = connected();
  assert.equal(polled(client, POLLOUT), POLLOUT);
  nonBlocking(client);
  nonBlocking(server);
  const big = new Uint8Array(1 << 20);
  while (winsock.send(client, big, big.length, 0) > 0);
  assert.equal(polled(client, POLLOUT), 0);
  for (let found = 0; found === 0; found = polled(client, POLLOUT, 20)) {
    while (winsock.recv(server, big, big.length, 0) > 0);
  }
  assert.equal(polled(client, POLLOUT), POLLOUT);
});

test('WSAPoll() of a peer that has half closed answers as the kernel does', () => {
  const { client, server } = connected();
  assert.equal(winsock.send(client, hello, 5, 0), 5);
  assert.equal(winsock.shutdown(client, winsock.SD_SEND), 0);
  readable(server);
  assert.equal(winsock.recv(server, new Uint8Array(9), 9, 0), 5);
  const expected = bySystem({
    linux: POLLIN,
    win32: POLLHUP,
    because: 'POSIX: there is an end to be read; Winsock: the peer has hung up',
  });
  const events = polled(server, POLLIN, 5000);
  assert.equal(events & (POLLIN | POLLHUP), expected);
});

test('WSAPoll() of a refused connect says POLLERR and POLLHUP', () => {
  const events = polled(refused(), POLLIN | POLLOUT, 5000);
  assert.equal(events & (POLLERR | POLLHUP), POLLERR | POLLHUP);
});

test('WSAPoll() of datagram sockets: writable, and readable when something came', () => {
  const [s, sender] = [udp(), udp()];
  assert.equal(polled(s, POLLIN | POLLOUT), POLLOUT);
  const name = bindAnywhere(s);
  assert.equal(polled(s, POLLIN | POLLOUT), POLLOUT);
  assert.equal(winsock.sendto(sender, hello, 5, 0, name, 16), 5);
  assert.equal(polled(s, POLLIN, 5000), POLLIN);
  assert.equal(polled(s, POLLIN | POLLOUT), POLLIN | POLLOUT);
});

test('WSAPoll() answers for each entry, also where a socket stands twice and others are none', () => {
  const { client } = connected();
  const gone = tcp();
  close(gone);
  const fds = [client, client, gone, client].map((fd) => ({ fd, events: POLLOUT, revents: 0 }));
  fds[1].events = POLLIN;
  succeeds(() => winsock.WSAPoll(fds, 4, 5000), 3);
  assert.deepEqual(
    fds.map(({ revents }) => revents),
    [POLLOUT, 0, POLLNVAL, POLLOUT],
  );
});

test('WSAPoll() takes a bit that it does not wait for, and answers without it', onLinux, () => {
  const { client } = connected();
  for (const bit of [POLLERR, POLLHUP, POLLNVAL, 0x800, 0x4000]) {
    assert.equal(polled(client, bit), 0);
    assert.equal(polled(client, POLLOUT | bit), POLLOUT);
  }
});

test('WSAPoll() with any negative time waits', () => {
  const { client, server } = connected();
  assert.equal(winsock.send(client, hello, 5, 0), 5);
  for (const time of [-1, -1000]) assert.equal(polled(server, POLLIN, time), POLLIN);
  assert.throws(() => winsock.WSAPoll([], 0, 2 ** 31), /WSAPoll: timeout .*2147483648/);
});
