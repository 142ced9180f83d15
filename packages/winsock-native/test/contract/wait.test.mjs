/** select and WSAPoll. */
import {
  assert,
  bySystem,
  close,
  connected,
  fails,
  listener,
  loopback,
  nonBlocking,
  sizeof,
  startUp,
  succeeds,
  tcp,
  test,
  winsock,
} from './harness.mjs';

const { FD_CLR, FD_ISSET, FD_SET, FD_ZERO, fd_set, POLLHUP, POLLIN, POLLNVAL, POLLOUT } = winsock;
const { POLLRDNORM, POLLWRNORM } = winsock;
const NOW = { tv_sec: 0, tv_usec: 0 };
const LONG = { tv_sec: 5, tv_usec: 0 };

startUp();

function setOf(...sockets) {
  const set = new fd_set();
  for (const s of sockets) FD_SET(s, set);
  return set;
}

test('FD_SET, FD_CLR, FD_ISSET and FD_ZERO keep a set of handles', () => {
  const set = setOf(5, 70000, 5);
  assert.equal(set.fd_count, 2);
  assert.notEqual(FD_ISSET(70000, set), 0);
  FD_CLR(5, set);
  assert.equal(FD_ISSET(5, set), 0);
  assert.deepEqual(set.fd_array, [70000]);
  FD_ZERO(set);
  assert.equal(set.fd_count, 0);
});

test('select() leaves in the sets what is ready, and counts it', () => {
  const { client, server } = connected();
  assert.equal(winsock.send(client, Uint8Array.of(1), 1, 0), 1);
  const read = setOf(client, server);
  const write = setOf(client, server);
  succeeds(() => winsock.select(0, read, write, null, LONG), 3);
  assert.deepEqual(read.fd_array, [server]);
  assert.deepEqual(write.fd_array, [client, server]);
});

test('select() ignores nfds', () => {
  const { client } = connected();
  succeeds(() => winsock.select(-7, null, setOf(client), null, NOW), 1);
});

test('select() gives 0 and empties the sets when the time has passed', () => {
  const { client } = connected();
  const read = setOf(client);
  const except = setOf(client);
  const before = performance.now();
  succeeds(() => winsock.select(0, read, null, except, { tv_sec: 0, tv_usec: 60_000 }), 0);
  assert.ok(performance.now() - before >= 59);
  assert.equal(read.fd_count, 0);
  assert.equal(except.fd_count, 0);
});

test('select() with three empty or null sets fails with 10022', () => {
  fails(10022, () => winsock.select(0, null, null, null, NOW));
  fails(10022, () => winsock.select(0, new fd_set(), new fd_set(), new fd_set(), NOW));
});

test('select() with a negative time fails with 10022', () => {
  const { client } = connected();
  fails(10022, () => winsock.select(0, setOf(client), null, null, { tv_sec: -1, tv_usec: 0 }));
});

test('select() of what is no socket fails with 10038', () => {
  const s = tcp();
  close(s);
  fails(10038, () => winsock.select(0, setOf(s), null, null, NOW));
});

test('select() shows a waiting connection and the end of a stream as readable', () => {
  const { s, name } = listener();
  const client = tcp();
  assert.equal(winsock.connect(client, name, sizeof(name)), 0);
  succeeds(() => winsock.select(0, setOf(s), null, null, LONG), 1);
  const pair = connected();
  assert.equal(winsock.shutdown(pair.client, winsock.SD_SEND), 0);
  succeeds(() => winsock.select(0, setOf(pair.server), null, null, LONG), 1);
});

test('select() shows a refused connect in the except set', () => {
  const { s, name } = listener();
  close(s);
  const client = nonBlocking(tcp());
  assert.equal(winsock.connect(client, name, sizeof(name)), -1);
  const except = setOf(client);
  assert.equal(winsock.select(0, null, null, except, LONG), 1);
  assert.notEqual(FD_ISSET(client, except), 0);
});

test('select() counts microseconds beyond a second', () => {
  const { client } = connected();
  const before = performance.now();
  succeeds(
    () => winsock.select(0, setOf(client), null, null, { tv_sec: 0, tv_usec: 1_010_000 }),
    0,
  );
  assert.ok(performance.now() - before >= 1009);
});

test('WSAPoll() writes revents and counts who has some', () => {
  const { client, server } = connected();
  assert.equal(winsock.send(client, Uint8Array.of(1), 1, 0), 1);
  const fds = [
    { fd: client, events: POLLIN, revents: 99 },
    { fd: server, events: POLLIN | POLLOUT, revents: 0 },
  ];
  succeeds(() => winsock.WSAPoll(fds, 2, 5000), 1);
  assert.equal(fds[0].revents, 0);
  const ready = bySystem({
    linux: POLLIN | POLLOUT,
    win32: POLLRDNORM | POLLWRNORM,
    because: 'to Winsock POLLIN is two bits, and that of the urgent band is not up',
  });
  assert.equal(fds[1].revents, ready);
});

test('WSAPoll() looks at nfds entries only', () => {
  const { client, server } = connected();
  const fds = [
    { fd: client, events: POLLIN, revents: 0 },
    { fd: server, events: POLLOUT, revents: 77 },
  ];
  succeeds(() => winsock.WSAPoll(fds, 1, 0), 0);
  assert.equal(fds[1].revents, 77);
});

test('WSAPoll() does not look at what lies beyond nfds', () => {
  const { client } = connected();
  const fds = [{ fd: client, events: POLLOUT, revents: 0 }, { fd: 'x', events: 2 ** 20 }, null];
  succeeds(() => winsock.WSAPoll(fds, 1, 0), 1);
  assert.deepEqual(fds.slice(1), [{ fd: 'x', events: 2 ** 20 }, null]);
});

for (const events of [0x10004, -32_769, 2 ** 32 + 4, 0.5, Number.NaN]) {
  test(`WSAPoll() refuses events of ${events}, which no short holds`, () => {
    const { client } = connected();
    const fds = [{ fd: client, events, revents: 77 }];
    assert.throws(() => winsock.WSAPoll(fds, 1, 0), {
      name: 'RangeError',
      message: new RegExp(`WSAPoll: fds\\[0\\]\\.events .*got ${events}$`),
    });
    assert.equal(fds[0].revents, 77);
  });
}

test('WSAPoll() takes all 16 bits of events in both spellings', () => {
  const { client } = connected();
  for (const events of [0x8000 | POLLOUT, -0x8000 | POLLOUT]) {
    const fds = [{ fd: client, events, revents: 0 }];
    succeeds(() => winsock.WSAPoll(fds, 1, 0), 1);
    assert.equal(fds[0].revents & POLLOUT, POLLOUT);
  }
});

test('WSAPoll() names a hole in the array', () => {
  const { client } = connected();
  const fds = [{ fd: client, events: POLLOUT, revents: 0 }];
  fds[2] = fds[0];
  assert.throws(() => winsock.WSAPoll(fds, 3, 0), {
    name: 'TypeError',
    message: /^WSAPoll: fds\[1\] must be an object .*got undefined$/,
  });
});

test('WSAPoll() with more nfds than there are fails with 10014', () => {
  fails(10014, () => winsock.WSAPoll([{ fd: 1, events: POLLIN, revents: 0 }], 2, 0));
  fails(10014, () => winsock.WSAPoll(null, 1, 0));
});

test('WSAPoll() skips a negative fd', () => {
  const { client } = connected();
  const fds = [
    { fd: -1, events: POLLOUT, revents: 5 },
    { fd: client, events: POLLOUT, revents: 0 },
  ];
  succeeds(() => winsock.WSAPoll(fds, 2, 0), 1);
  assert.equal(fds[0].revents, 0);
});

test('WSAPoll() says POLLNVAL of what is no socket', () => {
  const s = tcp();
  close(s);
  const fds = [{ fd: s, events: POLLIN, revents: 0 }];
  succeeds(() => winsock.WSAPoll(fds, 1, 0), 1);
  assert.equal(fds[0].revents, POLLNVAL);
});

test('WSAPoll() says POLLHUP when both directions have ended', () => {
  const { client, server } = connected();
  assert.equal(winsock.shutdown(client, winsock.SD_BOTH), 0);
  assert.equal(winsock.shutdown(server, winsock.SD_BOTH), 0);
  const fds = [{ fd: server, events: POLLIN, revents: 0 }];
  assert.equal(winsock.WSAPoll(fds, 1, 5000), 1);
  assert.equal(fds[0].revents & POLLHUP, POLLHUP);
});

test('WSAPoll() waits its milliseconds, and 0 only looks', () => {
  const { client } = connected();
  const fds = [{ fd: client, events: POLLIN, revents: 0 }];
  const before = performance.now();
  succeeds(() => winsock.WSAPoll(fds, 1, 0), 0);
  succeeds(() => winsock.WSAPoll(fds, 1, 60), 0);
  assert.ok(performance.now() - before >= 59);
});

test('a wrong type is named with function, argument and value', () => {
  assert.throws(() => winsock.select(0, [1], null, null, null), /select: readfds .*\[ 1 \]/);
  assert.throws(() => winsock.select(0, null, null, null, 5), /select: timeout .* 5/);
  assert.throws(() => winsock.WSAPoll([{ fd: 'x' }], 1, 0), /WSAPoll: fds\[0\]\.fd .*'x'/);
  assert.throws(() => winsock.WSAPoll([], 1, 0.5), RangeError);
  assert.throws(() => winsock.connect(1, loopback(), 1e10), /connect: namelen .*10000000000/);
  assert.throws(() => winsock.send(1, 'text', 4, 0), /send: buf .*'text'/);
  assert.throws(() => winsock.bind(1, '127.0.0.1', 16), /bind: name .*'127.0.0.1'/);
  assert.throws(() => winsock.accept(1, null, 16), /accept: addrlen .* 16/);
  assert.throws(() => winsock.socket(2.5, 1, 0), RangeError);
});
