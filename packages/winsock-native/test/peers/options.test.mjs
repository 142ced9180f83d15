/** Options and modes: behaviours that the tests of peers hold. Their sources: vectors/reference/peer-behaviours.json. */
import { IPPROTO_TCP, SockaddrIn6 } from '@netloom/sockaddr';
import {
  assert,
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

const { SO_ACCEPTCONN, SO_ERROR, SO_RCVBUF, SO_RCVTIMEO, SO_SNDBUF, SOL_SOCKET } = winsock;
const AF_INET6 = SockaddrIn6.from({ address: '::1', port: 0 }).family;
const IPPROTO_IP = 0;
const onLinux = { skip: process.platform !== 'linux' };

startUp();

function option(s, level, name) {
  const value = { value: -1 };
  assert.equal(winsock.getsockopt(s, level, name, value), 0);
  return value.value;
}

const FAMILIES = [
  ['IPv4', 2],
  ['IPv6', AF_INET6],
];

/** Level, name, the value to set, what the kernel then says (the same, if left out). */
const SETTINGS = [
  ['SO_OOBINLINE', SOL_SOCKET, 1],
  ['SO_REUSEADDR', SOL_SOCKET, 1],
  ['SO_KEEPALIVE', SOL_SOCKET, 1],
  ['SO_BROADCAST', SOL_SOCKET, 1],
  ['SO_RCVTIMEO', SOL_SOCKET, 10_000],
  ['SO_SNDTIMEO', SOL_SOCKET, 997_000],
  ['TCP_NODELAY', IPPROTO_TCP, 1],
];

/** The same of Linux alone. */
const LINUX_SETTINGS = [
  ['SO_REUSEPORT', SOL_SOCKET, 1],
  ['SO_PRIORITY', SOL_SOCKET, 6],
  ['TCP_CORK', IPPROTO_TCP, 1],
  ['TCP_THIN_LINEAR_TIMEOUTS', IPPROTO_TCP, 1],
  ['TCP_NOTSENT_LOWAT', IPPROTO_TCP, 16 * 1024],
  ['TCP_USER_TIMEOUT', IPPROTO_TCP, 10_000],
  ['TCP_KEEPIDLE', IPPROTO_TCP, 3600],
  ['TCP_KEEPINTVL', IPPROTO_TCP, 5],
  ['TCP_KEEPCNT', IPPROTO_TCP, 5],
];

for (const [what, family] of FAMILIES) {
  for (const [names, options] of [
    [SETTINGS, undefined],
    [LINUX_SETTINGS, onLinux],
  ]) {
    for (const [name, level, wanted] of names) {
      test(`${name} of an ${what} socket can be set and read, and is not so before`, {
        ...options,
      }, () => {
        const s = own(winsock.socket(family, winsock.SOCK_STREAM, 0));
        assert.notEqual(option(s, level, winsock[name]), wanted);
        succeeds(() => winsock.setsockopt(s, level, winsock[name], wanted));
        assert.equal(option(s, level, winsock[name]), wanted);
      });
    }
  }
}

test('TCP_QUICKACK goes off and on', onLinux, () => {
  const s = tcp();
  for (const wanted of [0, 1]) {
    succeeds(() => winsock.setsockopt(s, IPPROTO_TCP, winsock.TCP_QUICKACK, wanted));
    assert.equal(option(s, IPPROTO_TCP, winsock.TCP_QUICKACK), wanted);
  }
});

test('SO_PASSCRED of a Unix socket goes on', onLinux, () => {
  for (const type of [winsock.SOCK_DGRAM, winsock.SOCK_STREAM]) {
    const s = own(winsock.socket(1, type, 0));
    assert.equal(option(s, SOL_SOCKET, winsock.SO_PASSCRED), 0);
    succeeds(() => winsock.setsockopt(s, SOL_SOCKET, winsock.SO_PASSCRED, 1));
    assert.equal(option(s, SOL_SOCKET, winsock.SO_PASSCRED), 1);
  }
});

for (const name of ['SO_RCVBUF', 'SO_SNDBUF']) {
  test(`${name} is what was set, as the kernel counts it`, () => {
    const factor = bySystem({
      linux: 2,
      darwin: 1,
      win32: 1,
      because: 'Linux doubles the size, for its own use, and says so: socket(7)',
    });
    for (const make of [tcp, udp]) {
      const s = make();
      succeeds(() => winsock.setsockopt(s, SOL_SOCKET, winsock[name], 10_000));
      assert.equal(option(s, SOL_SOCKET, winsock[name]), 10_000 * factor);
    }
  });
}

test('a buffer size of 0 is taken; what it means the kernel says', () => {
  const s = tcp();
  for (const name of [SO_RCVBUF, SO_SNDBUF]) {
    succeeds(() => winsock.setsockopt(s, SOL_SOCKET, name, 0));
    const isZero = option(s, SOL_SOCKET, name) === 0;
    const expected = bySystem({
      linux: false,
      win32: true,
      because: 'Linux has a least size, socket(7); Winsock takes 0 for "no buffer"',
    });
    assert.equal(isZero, expected);
  }
});

test('a buffer smaller than what was sent loses nothing', () => {
  const { client, server } = connected();
  assert.equal(winsock.setsockopt(server, SOL_SOCKET, SO_RCVBUF, 1024), 0);
  nonBlocking(client);
  const block = Uint8Array.from({ length: 4096 }, (_, i) => i % 251);
  let got = 0;
  let sent = 0;
  const into = new Uint8Array(4096);
  while (sent < 3 * block.length || got < sent) {
    if (sent < 3 * block.length) {
      const taken = winsock.send(
        client,
        block.subarray(sent % block.length),
        block.length - (sent % block.length),
        0,
      );
      if (taken > 0) sent += taken;
    }
    readable(server);
    const count = winsock.recv(server, into, into.length, 0);
    for (let i = 0; i < count; i++) assert.equal(into[i], ((got + i) % block.length) % 251);
    got += count;
  }
  assert.equal(got, 3 * block.length);
});

for (const linger of [
  { l_onoff: 0, l_linger: 0 },
  { l_onoff: 0, l_linger: 73 },
  { l_onoff: 1, l_linger: 0 },
  { l_onoff: 5, l_linger: 189 },
]) {
  test(`SO_LINGER of ${linger.l_onoff}, ${linger.l_linger} comes back`, () => {
    const s = tcp();
    const seen = { l_onoff: -1, l_linger: -1 };
    succeeds(() => winsock.setsockopt(s, SOL_SOCKET, winsock.SO_LINGER, linger));
    succeeds(() => winsock.getsockopt(s, SOL_SOCKET, winsock.SO_LINGER, seen));
    assert.equal(seen.l_onoff !== 0, linger.l_onoff !== 0);
    if (linger.l_onoff) assert.equal(seen.l_linger, linger.l_linger);
  });
}

test('SO_LINGER of NULL fails with 10014, whatever its length', () => {
  const s = tcp();
  for (const length of [8, 4, 0]) {
    fails(10014, () => winsock.setsockopt(s, SOL_SOCKET, winsock.SO_LINGER, null, length));
  }
});

test('an optlen beyond four bytes is taken for a number, and the answer has four', () => {
  const s = tcp();
  const value = new Uint8Array(42);
  value[0] = 1;
  succeeds(() => winsock.setsockopt(s, IPPROTO_TCP, winsock.TCP_NODELAY, value, 42));
  assert.equal(option(s, IPPROTO_TCP, winsock.TCP_NODELAY), 1);
  const length = { value: 8 };
  succeeds(() => winsock.getsockopt(s, SOL_SOCKET, winsock.SO_RCVBUF, new Uint8Array(8), length));
  assert.equal(length.value, 4);
});

test('an optlen of 0, 1 or -1 for a number fails with 10014 and changes nothing', () => {
  const s = tcp();
  for (const length of [0, 1, -1]) {
    fails(10014, () =>
      winsock.setsockopt(s, IPPROTO_TCP, winsock.TCP_NODELAY, Int32Array.of(1), length),
    );
    fails(10014, () =>
      winsock.getsockopt(s, IPPROTO_TCP, winsock.TCP_NODELAY, new Int32Array(1), { value: length }),
    );
  }
  assert.equal(option(s, IPPROTO_TCP, winsock.TCP_NODELAY), 0);
});

test('any number but 0 is true to an option that goes on', onLinux, () => {
  const s = tcp();
  succeeds(() => winsock.setsockopt(s, IPPROTO_TCP, winsock.TCP_NODELAY, 0x100));
  assert.equal(option(s, IPPROTO_TCP, winsock.TCP_NODELAY), 1);
});

test('an option of a level that is none fails as the kernel says', () => {
  const code = bySystem({
    linux: 10042,
    win32: 10022,
    because: 'ENOPROTOOPT on POSIX; Winsock calls the level an invalid argument',
  });
  for (const level of [-1, 0x8000]) {
    fails(code, () => winsock.setsockopt(tcp(), level, SO_RCVTIMEO, Int32Array.of(1000), 4));
  }
});

test('SO_ERROR cannot be set', onLinux, () => {
  fails(10042, () => winsock.setsockopt(tcp(), SOL_SOCKET, SO_ERROR, 1234));
});

test('getsockopt() on a closed socket leaves the value alone', () => {
  const s = tcp();
  close(s);
  const value = { value: 1234 };
  fails(10038, () => winsock.getsockopt(s, SOL_SOCKET, SO_ERROR, value));
  assert.equal(value.value, 1234);
});

test('SO_ACCEPTCONN is 0, and 1 when the socket listens, and cannot be set', () => {
  const s = tcp();
  assert.equal(option(s, SOL_SOCKET, SO_ACCEPTCONN), 0);
  for (const value of [0, 1]) {
    fails(10042, () => winsock.setsockopt(s, SOL_SOCKET, SO_ACCEPTCONN, value));
  }
  assert.equal(option(listener().s, SOL_SOCKET, SO_ACCEPTCONN), 1);
});

test('SO_DEBUG is off', () => {
  assert.equal(option(tcp(), SOL_SOCKET, winsock.SO_DEBUG), 0);
});

test('a time limit of 0 means none, and one of 24 days does not end a call early', () => {
  const { client, server } = connected();
  // The kernel rounds up to its own ticks: this is a multiple of them.
  for (const ms of [2_147_483_000, 0]) {
    succeeds(() => winsock.setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, ms));
    assert.equal(option(server, SOL_SOCKET, SO_RCVTIMEO), ms);
    assert.equal(winsock.send(client, new Uint8Array(1), 1, 0), 1);
    succeeds(() => winsock.recv(server, new Uint8Array(1), 1, 0), 1);
  }
});

test('a datagram socket has a time limit too', () => {
  const s = udp();
  assert.equal(winsock.setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, 50), 0);
  assert.equal(winsock.bind(s, listener().name, 16), 0);
  const before = performance.now();
  fails(10060, () => winsock.recv(s, new Uint8Array(1), 1, 0));
  assert.ok(performance.now() - before >= 49);
});

test('keep-alive times of 0 are refused with 10022', onLinux, () => {
  const s = tcp();
  for (const name of ['TCP_KEEPIDLE', 'TCP_KEEPINTVL', 'TCP_KEEPCNT']) {
    fails(10022, () => winsock.setsockopt(s, IPPROTO_TCP, winsock[name], 0));
  }
});

test('IP_TTL takes 1 to 255; 0 and 256 are refused with 10022', onLinux, () => {
  const s = udp();
  for (const ttl of [1, 40, 255]) {
    succeeds(() => winsock.setsockopt(s, IPPROTO_IP, winsock.IP_TTL, ttl));
    assert.equal(option(s, IPPROTO_IP, winsock.IP_TTL), ttl);
  }
  for (const ttl of [0, 256]) {
    fails(10022, () => winsock.setsockopt(s, IPPROTO_IP, winsock.IP_TTL, ttl));
  }
});

test('IP_MULTICAST_TTL takes 0 to 255 and IP_MULTICAST_LOOP goes off and on', onLinux, () => {
  const s = udp();
  for (const ttl of [0, 10, 255]) {
    succeeds(() => winsock.setsockopt(s, IPPROTO_IP, winsock.IP_MULTICAST_TTL, ttl));
    assert.equal(option(s, IPPROTO_IP, winsock.IP_MULTICAST_TTL), ttl);
  }
  fails(10022, () => winsock.setsockopt(s, IPPROTO_IP, winsock.IP_MULTICAST_TTL, 256));
  for (const loop of [0, 1]) {
    succeeds(() => winsock.setsockopt(s, IPPROTO_IP, winsock.IP_MULTICAST_LOOP, loop));
    assert.equal(option(s, IPPROTO_IP, winsock.IP_MULTICAST_LOOP), loop);
  }
});

test('options of IPv4 and IPv6 are not so at first, are set, and read back', onLinux, () => {
  const four = tcp();
  for (const [name, value] of [
    ['IP_TOS', 96],
    ['IP_RECVTOS', 1],
    ['IP_FREEBIND', 1],
    ['IP_MULTICAST_ALL', 0],
  ]) {
    assert.notEqual(option(four, IPPROTO_IP, winsock[name]), value, name);
    succeeds(() => winsock.setsockopt(four, IPPROTO_IP, winsock[name], value));
    assert.equal(option(four, IPPROTO_IP, winsock[name]), value, name);
  }
  const six = own(winsock.socket(AF_INET6, winsock.SOCK_STREAM, 0));
  for (const [name, value] of [
    ['IPV6_UNICAST_HOPS', 20],
    ['IPV6_TCLASS', 96],
    ['IPV6_RECVTCLASS', 1],
    ['IPV6_RECVHOPLIMIT', 1],
    ['IPV6_FREEBIND', 1],
    ['IPV6_MULTICAST_ALL', 0],
  ]) {
    assert.notEqual(option(six, 41, winsock[name]), value, name);
    succeeds(() => winsock.setsockopt(six, 41, winsock[name], value));
    assert.equal(option(six, 41, winsock[name]), value, name);
  }
});

test(
  'an algorithm of congestion control that is not there is refused, and the old one stays',
  onLinux,
  () => {
    const s = tcp();
    const before = { value: '' };
    const after = { value: '' };
    assert.equal(winsock.getsockopt(s, IPPROTO_TCP, winsock.TCP_CONGESTION, before), 0);
    fails(2, () => winsock.setsockopt(s, IPPROTO_TCP, winsock.TCP_CONGESTION, 'there-is-none'));
    assert.equal(winsock.getsockopt(s, IPPROTO_TCP, winsock.TCP_CONGESTION, after), 0);
    assert.equal(after.value, before.value);
  },
);

test('FIONBIO takes any number but 0, up to the largest, for "do not wait"', () => {
  const { server } = connected();
  // Were one of them "wait", this would end it, with 10060.
  assert.equal(winsock.setsockopt(server, SOL_SOCKET, SO_RCVTIMEO, 500), 0);
  for (const value of [1, 2, 0xffff_ffff]) {
    assert.equal(winsock.ioctlsocket(server, winsock.FIONBIO, { value: 0 }), 0);
    succeeds(() => winsock.ioctlsocket(server, winsock.FIONBIO, { value }));
    fails(10035, () => winsock.recv(server, new Uint8Array(1), 1, 0));
  }
});
