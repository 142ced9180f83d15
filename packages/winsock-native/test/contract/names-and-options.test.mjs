/** The two ends of a socket, its options and its modes. */
import { IPPROTO_TCP, SockaddrIn, SockaddrUn } from '@netloom/sockaddr';
import {
  assert,
  bindAnywhere,
  bySystem,
  connected,
  fails,
  notOn,
  onlyOn,
  own,
  sizeof,
  startUp,
  succeeds,
  tcp,
  test,
  udp,
  winsock,
} from './harness.mjs';

const { SO_KEEPALIVE, SO_LINGER, SO_RCVTIMEO, SO_REUSEADDR, SO_TYPE, SOCK_DGRAM, SOL_SOCKET } =
  winsock;

startUp();

test('getsockname() of one end is getpeername() of the other', () => {
  const { client, server } = connected();
  const mine = new SockaddrIn();
  const theirs = new SockaddrIn();
  const length = { value: 16 };
  succeeds(() => winsock.getsockname(client, mine, length));
  succeeds(() => winsock.getpeername(server, theirs, { value: 16 }));
  assert.equal(String(mine), String(theirs));
  assert.equal(length.value, 16);
  assert.notEqual(mine.port, 0);
});

test('getpeername() of a socket without a peer fails with 10057', () => {
  fails(10057, () => winsock.getpeername(tcp(), new SockaddrIn(), { value: 16 }));
});

for (const room of [0, 15, -1, 17]) {
  test(`a name in ${room} of 16 bytes fails with 10014 and changes nothing`, () => {
    const { client } = connected();
    for (const call of [winsock.getsockname, winsock.getpeername]) {
      const name = new SockaddrIn();
      const length = { value: room };
      fails(10014, () => call(client, name, length));
      assert.equal(length.value, room);
      assert.deepEqual([...name.bytes], Array(16).fill(0));
    }
  });
}

test('getsockname() into NULL fails with 10014', () => {
  const s = tcp();
  bindAnywhere(s);
  fails(10014, () => winsock.getsockname(s, null, { value: 16 }));
  fails(10014, () => winsock.getsockname(s, new SockaddrIn(), null));
});

const UNIX = notOn('win32', 'Wine has no Unix sockets');
test('a Unix name learns its true length', UNIX, () => {
  const s = own(winsock.socket(1, winsock.SOCK_STREAM, 0));
  const name = new SockaddrUn();
  const length = { value: sizeof(name) };
  succeeds(() => winsock.getsockname(s, name, length));
  assert.equal(length.value, 2);
  assert.equal(name.length, 2);
  assert.equal(name.isUnnamed, true);
});

const ABSTRACT = onlyOn('linux', "abstract names are Linux'");
test('an abstract name that ends in zeros comes back whole', ABSTRACT, () => {
  const bytes = new TextEncoder().encode(`netloom-${process.pid}\0\0`);
  const s = own(winsock.socket(1, winsock.SOCK_STREAM, 0));
  const bound = SockaddrUn.from({ abstractName: bytes });
  succeeds(() => winsock.bind(s, bound, bound.length));
  const name = new SockaddrUn();
  succeeds(() => winsock.getsockname(s, name, { value: sizeof(name) }));
  assert.deepEqual(name.abstractName, bytes);
});

test('an option that is off goes on, and off again', () => {
  const s = tcp();
  const value = { value: -1 };
  for (const wanted of [true, 0, 1, false]) {
    assert.equal(winsock.getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, value), 0);
    assert.notEqual(value.value !== 0, Boolean(wanted));
    succeeds(() => winsock.setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, wanted));
    assert.equal(winsock.getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, value), 0);
    assert.equal(value.value !== 0, Boolean(wanted));
  }
});

test('setsockopt() takes a view and its length', () => {
  const s = tcp();
  succeeds(() => winsock.setsockopt(s, SOL_SOCKET, SO_REUSEADDR, Int32Array.of(1), 4));
  const value = new Int32Array(1);
  const length = { value: 4 };
  succeeds(() => winsock.getsockopt(s, SOL_SOCKET, SO_REUSEADDR, value, length));
  assert.notEqual(value[0], 0);
  assert.equal(length.value, 4);
});

test('getsockopt() tells the type of a socket', () => {
  const type = { value: 0 };
  succeeds(() => winsock.getsockopt(udp(), SOL_SOCKET, SO_TYPE, type, { value: 4 }));
  assert.equal(type.value, SOCK_DGRAM);
});

test('SO_LINGER takes and gives a structure', () => {
  const s = tcp();
  const linger = { l_onoff: 9, l_linger: 9 };
  succeeds(() => winsock.getsockopt(s, SOL_SOCKET, SO_LINGER, linger));
  assert.deepEqual(linger, { l_onoff: 0, l_linger: 0 });
  succeeds(() => winsock.setsockopt(s, SOL_SOCKET, SO_LINGER, { l_onoff: 1, l_linger: 3 }));
  succeeds(() => winsock.getsockopt(s, SOL_SOCKET, SO_LINGER, linger));
  assert.deepEqual(linger, { l_onoff: 1, l_linger: 3 });
});

test('a structure that has no number form is not read into { value }', () => {
  const s = tcp();
  const target = { value: 7 };
  assert.throws(
    () => winsock.getsockopt(s, SOL_SOCKET, SO_LINGER, target),
    /getsockopt: optval .*l_onoff.*SO_LINGER.*value: 7/,
  );
  assert.deepEqual(target, { value: 7 });
});

const onLinux = onlyOn('linux', "Linux' own options of TCP");

test('TCP_INFO is read as a structure, and as its bytes', onLinux, () => {
  const { client } = connected();
  const { TCP_ESTABLISHED, TCP_INFO } = winsock;
  const info = {};
  succeeds(() => winsock.getsockopt(client, IPPROTO_TCP, TCP_INFO, info));
  assert.equal(info.tcpi_state, TCP_ESTABLISHED);
  assert.ok(info.tcpi_rtt > 0);
  const bytes = new Uint8Array(512);
  const length = { value: bytes.length };
  succeeds(() => winsock.getsockopt(client, IPPROTO_TCP, TCP_INFO, bytes, length));
  assert.ok(length.value >= 104);
  assert.equal(bytes[0], TCP_ESTABLISHED);
});

test('TCP_INFO with room for its beginning gives the beginning', onLinux, () => {
  const { client } = connected();
  const info = {};
  const length = { value: 104 };
  succeeds(() => winsock.getsockopt(client, IPPROTO_TCP, winsock.TCP_INFO, info, length));
  assert.equal(length.value, 104);
  assert.equal(info.tcpi_total_retrans, 0);
  assert.equal('tcpi_pacing_rate' in info, false);
});

test('TCP_INFO with room for less leaves unset what it does not hold', onLinux, () => {
  const { client } = connected();
  for (const [room, fields] of [
    [1, ['tcpi_state']],
    [
      6,
      [
        'tcpi_state',
        'tcpi_ca_state',
        'tcpi_retransmits',
        'tcpi_probes',
        'tcpi_backoff',
        'tcpi_options',
      ],
    ],
  ]) {
    const info = {};
    succeeds(() =>
      winsock.getsockopt(client, IPPROTO_TCP, winsock.TCP_INFO, info, { value: room }),
    );
    assert.deepEqual(Object.keys(info), fields);
  }
});

test('TCP_INFO cannot be set, and does not go into { value }', onLinux, () => {
  const { client } = connected();
  const { TCP_INFO } = winsock;
  assert.throws(() => winsock.setsockopt(client, IPPROTO_TCP, TCP_INFO, {}), /only be read/);
  assert.throws(() => winsock.getsockopt(client, IPPROTO_TCP, TCP_INFO, { value: 0 }), /TCP_INFO/);
});

test('TCP_CONGESTION takes and gives text, with C lengths', onLinux, () => {
  const s = tcp();
  const { TCP_CONGESTION } = winsock;
  const name = { value: '' };
  succeeds(() => winsock.getsockopt(s, IPPROTO_TCP, TCP_CONGESTION, name));
  assert.notEqual(name.value, 'reno');
  assert.notEqual(name.value, '');
  // strlen, strlen + 1, and none.
  for (const length of [4, 5, undefined]) {
    const one = tcp();
    succeeds(() => winsock.setsockopt(one, IPPROTO_TCP, TCP_CONGESTION, 'reno', length));
    succeeds(() => winsock.getsockopt(one, IPPROTO_TCP, TCP_CONGESTION, name));
    assert.equal(name.value, 'reno');
    const room = { value: 3 };
    succeeds(() => winsock.getsockopt(one, IPPROTO_TCP, TCP_CONGESTION, name, room));
    assert.deepEqual([name.value, room.value], ['ren', 3]);
    const ample = { value: 256 };
    succeeds(() => winsock.getsockopt(one, IPPROTO_TCP, TCP_CONGESTION, name, ample));
    assert.deepEqual([name.value, ample.value], ['reno', 16]);
    fails(10014, () => winsock.getsockopt(one, IPPROTO_TCP, TCP_CONGESTION, name, { value: -1 }));
    const bytes = new Uint8Array(16);
    succeeds(() => winsock.getsockopt(one, IPPROTO_TCP, TCP_CONGESTION, bytes, { value: 16 }));
    assert.equal(String.fromCharCode(...bytes.subarray(0, 5)), 'reno\0');
  }
  fails(10014, () => winsock.setsockopt(s, IPPROTO_TCP, TCP_CONGESTION, 'reno', 6));
  assert.throws(
    () => winsock.getsockopt(s, IPPROTO_TCP, TCP_CONGESTION, { value: 0 }),
    /getsockopt: optval .*value: ''.*TCP_CONGESTION/,
  );
  assert.throws(
    () => winsock.getsockopt(s, IPPROTO_TCP, winsock.TCP_NODELAY, name),
    /getsockopt: optval .*TCP_NODELAY/,
  );
});

test('the numbers of TCP need four bytes', onLinux, () => {
  const s = tcp();
  for (const name of ['TCP_SYNCNT', 'TCP_USER_TIMEOUT', 'TCP_KEEPIDLE', 'TCP_FASTOPEN']) {
    const option = winsock[name];
    fails(10014, () => winsock.getsockopt(s, IPPROTO_TCP, option, { value: 0 }, { value: 3 }));
    fails(10014, () => winsock.setsockopt(s, IPPROTO_TCP, option, 1, 3));
    succeeds(() => winsock.setsockopt(s, IPPROTO_TCP, option, 3));
    const value = { value: 0 };
    succeeds(() => winsock.getsockopt(s, IPPROTO_TCP, option, value, { value: 4 }));
    assert.equal(value.value, 3);
  }
});

test('a timeout in milliseconds needs four bytes of room, and says that it used four', () => {
  const s = tcp();
  const ms = { value: 0 };
  succeeds(() => winsock.setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, 1500, 4));
  const rooms = bySystem({
    linux: [4, 8, 16],
    win32: [4],
    because: 'to Winsock the option is four bytes, elsewhere a timeval of sixteen',
  });
  for (const room of rooms) {
    const length = { value: room };
    ms.value = 0;
    succeeds(() => winsock.getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, ms, length));
    assert.equal(ms.value, 1500);
    assert.equal(length.value, 4);
  }
  for (const room of [3, 0, -1, 17]) {
    fails(10014, () => winsock.getsockopt(s, SOL_SOCKET, SO_RCVTIMEO, ms, { value: room }));
  }
});

for (const [what, call, options = {}] of [
  [
    'a structure with room for half of it',
    (s) => winsock.getsockopt(s, SOL_SOCKET, SO_LINGER, { l_onoff: 0, l_linger: 0 }, { value: 3 }),
  ],
  [
    'a structure whose length is half of it',
    (s) => winsock.setsockopt(s, SOL_SOCKET, SO_LINGER, { l_onoff: 0, l_linger: 0 }, 3),
  ],
  ['setsockopt() with 3 bytes', (s) => winsock.setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, 1, 3)],
  [
    'setsockopt() with a length beyond the view',
    (s) => winsock.setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, new Uint8Array(4), 5),
  ],
  [
    'setsockopt() with a negative length',
    (s) => winsock.setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, new Uint8Array(4), -1),
  ],
  ['setsockopt() with NULL', (s) => winsock.setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, null, 4)],
  [
    'getsockopt() with 3 bytes',
    (s) => winsock.getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, new Uint8Array(3), { value: 3 }),
  ],
  [
    'getsockopt() with a length beyond the view',
    (s) => winsock.getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, new Uint8Array(4), { value: 5 }),
  ],
  [
    'getsockopt() with NULL',
    (s) => winsock.getsockopt(s, SOL_SOCKET, SO_KEEPALIVE, null, { value: 4 }),
  ],
  [
    'SO_RCVTIMEO with 4 bytes where a timeval has 16',
    (s) => winsock.setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, new Uint8Array(4), 4),
    notOn('win32', 'it is a DWORD there, of four bytes'),
  ],
]) {
  test(`${what} fails with 10014`, options, () => fails(10014, () => call(tcp())));
}

test('an option that the protocol does not know fails with 10042', () => {
  fails(10042, () => winsock.setsockopt(tcp(), SOL_SOCKET, 9999, 1));
  fails(10042, () => winsock.getsockopt(tcp(), SOL_SOCKET, 9999, { value: 0 }));
});

test('a value that the option does not take is a TypeError that names all', () => {
  const s = tcp();
  assert.throws(
    () => winsock.setsockopt(s, SOL_SOCKET, SO_LINGER, 5),
    /setsockopt: .*SO_LINGER.*l_onoff.*5/,
  );
  assert.throws(() => winsock.setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, 'on'), /SO_KEEPALIVE.*'on'/);
});

test('a structure for an option that has none is a TypeError', () => {
  const s = tcp();
  assert.throws(
    () => winsock.getsockopt(s, SOL_SOCKET, SO_TYPE, { l_onoff: 0 }),
    /getsockopt: optval/,
  );
  assert.throws(() => winsock.getsockopt(s, SOL_SOCKET, SO_TYPE, 4), /getsockopt: optval .* 4/);
});

test('ioctlsocket() with an unknown command fails with 10022 or 10045', () => {
  winsock.WSASetLastError(0);
  assert.equal(winsock.ioctlsocket(tcp(), 0x1234, { value: 0 }), -1);
  assert.ok([10022, 10045].includes(winsock.WSAGetLastError()));
});

test('ioctlsocket() with NULL fails with 10014', () => {
  fails(10014, () => winsock.ioctlsocket(tcp(), winsock.FIONBIO, null));
});
