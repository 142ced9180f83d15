// fuzz.mjs SECONDS SEED [ROUNDS]: calls of the C surface with arguments from random.mjs. A C name throws only TypeError or RangeError,
// and only for what is no C value; it accepts no length beyond a view, writes nowhere else, and no call waits for ever.
//
// Prints what it did. Exit code 1 with seed and round of the first promise that was broken.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as w from '@netloom/winsock-native';
import { anyNumber, anyView, randomFrom, UNTOUCHED } from './random.mjs';
import { Transfer } from './transfer.mjs';

const [, , seconds, seed, rounds = Number.POSITIVE_INFINITY] = process.argv.map(Number);
const random = randomFrom(seed);
const { below, pick } = random;

// Names of Unix sockets become files.
const folder = mkdtempSync(join(tmpdir(), 'netloom-fuzz-'));
process.chdir(folder);
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const counts = { refused: 0, failed: 0, accepted: 0 };

/** What a call gave; undefined where it refused its arguments. */
function call(name, ...args) {
  w.WSASetLastError(0);
  try {
    const result = Reflect.get(w, name)(...args);
    assert.equal(typeof result, 'number', `${name} returned ${result}`);
    const hasFailed = result === w.SOCKET_ERROR;
    assert.ok(!hasFailed || w.WSAGetLastError() > 0, `${name} failed without a code`);
    counts[hasFailed ? 'failed' : 'accepted']++;
    return result;
  } catch (error) {
    const isRefusal = error instanceof TypeError || error instanceof RangeError;
    if (!isRefusal || !error.message.startsWith(`${name}: `)) throw error;
    counts.refused++;
    return undefined;
  }
}

const KINDS = [
  [2, w.SOCK_STREAM],
  [2, w.SOCK_DGRAM],
  [10, w.SOCK_STREAM],
  [1, w.SOCK_STREAM],
  [1, w.SOCK_DGRAM],
];
let sockets = [];

function renew() {
  for (const s of sockets) w.closesocket(s);
  sockets = KINDS.map(([family, type]) => {
    const s = w.socket(family, type, 0);
    assert.notEqual(s, w.INVALID_SOCKET, `socket: ${w.WSAGetLastError()}`);
    // No call waits for ever.
    assert.equal(w.ioctlsocket(s, w.FIONBIO, { value: 1 }), 0);
    return s;
  });
}

/** More descriptors than a test has. */
const NEVER_OPEN = 100_000;

/** Of the kernel's numbers those that concern this socket: netfilter's tables are the machine's. */
const option = () => {
  const level = pick([w.SOL_SOCKET, w.SOL_SOCKET, 6, 0, 41, 17, below(300)]);
  return [
    level,
    pick([below(60), below(60), w.SO_LINGER, w.SO_RCVTIMEO, w.SO_SNDTIMEO, w.SO_ERROR]),
  ];
};
/** Mostly one of ours; never a number that Node may have given to something that waits. */
const anySocket = () => {
  if (below(10) > 0) return pick(sockets);
  const number = anyNumber(random);
  return typeof number === 'number' && number >= 0 && number < NEVER_OPEN
    ? NEVER_OPEN + number
    : number;
};

const STRUCTURES = [
  () => ({ l_onoff: anyNumber(random), l_linger: anyNumber(random) }),
  () => ({ tv_sec: anyNumber(random), tv_usec: anyNumber(random) }),
  () => ({ value: anyNumber(random) }),
  () => ({ value: '' }),
  () => ({ value: pick(['cubic', 'reno', 'x'.repeat(40), 'lo\0', '']) }),
  () => ({}),
  () => pick(['cubic', 'reno', '', 'x'.repeat(300), 'a\0b', '\ud800']),
];

const cases = {
  setsockopt() {
    const [level, name] = option();
    if (below(3) === 0) {
      call(
        'setsockopt',
        anySocket(),
        level,
        name,
        pick([anyNumber(random), pick(STRUCTURES)()]),
        pick([undefined, anyNumber(random)]),
      );
      return;
    }
    const { view, bytes, isIntact, what } = anyView(random);
    const length = pick([bytes, bytes, anyNumber(random)]);
    const result = call('setsockopt', anySocket(), level, name, view, length);
    if (result === 0) assert.ok(length >= 0 && length <= bytes, `set ${String(length)} of ${what}`);
    assert.ok(isIntact(), `setsockopt wrote around ${what}`);
  },

  getsockopt() {
    const [level, name] = option();
    if (below(3) === 0) {
      call(
        'getsockopt',
        anySocket(),
        level,
        name,
        pick(STRUCTURES)(),
        pick([undefined, null, { value: anyNumber(random) }]),
      );
      return;
    }
    const { view, bytes, isIntact, what } = anyView(random);
    const room = pick([bytes, bytes, anyNumber(random)]);
    const length = { value: room };
    const result = call('getsockopt', anySocket(), level, name, view, length);
    if (result === 0) assert.ok(room >= 0 && room <= bytes, `got ${String(room)} of ${what}`);
    assert.ok(isIntact(), `getsockopt(${level}, ${name}) wrote around ${what}, ${String(room)}`);
  },

  ioctlsocket() {
    call(
      'ioctlsocket',
      anySocket(),
      pick([w.FIONREAD, w.SIOCATMARK, anyNumber(random)]),
      pick([null, { value: anyNumber(random) }, {}]),
    );
  },

  names() {
    const { view, bytes, isIntact, what } = anyView(random);
    const room = pick([bytes, anyNumber(random)]);
    const name = pick(['getsockname', 'getpeername']);
    const result = call(name, anySocket(), view, { value: room });
    if (result === 0) assert.ok(room >= 2 && room <= bytes, `${name} of ${what}`);
    assert.ok(isIntact(), `${name} wrote around ${what}`);
  },

  bind() {
    const { view, bytes, isIntact, what } = anyView(random);
    const length = pick([bytes, anyNumber(random)]);
    const result = call('bind', anySocket(), view, length);
    if (result === 0)
      assert.ok(length >= 2 && length <= bytes, `bound to ${String(length)} of ${what}`);
    assert.ok(isIntact(), `bind wrote around ${what}`);
  },

  recv() {
    const { view, bytes, isIntact, what } = anyView(random);
    const length = pick([bytes, anyNumber(random)]);
    const name = pick(['recv', 'recvfrom']);
    const flags = pick([0, 0, w.MSG_PEEK, w.MSG_DONTWAIT]);
    const from = anyView(random);
    const room = { value: pick([from.bytes, anyNumber(random)]) };
    const rest =
      name === 'recv'
        ? []
        : pick([
            [null, null],
            [from.view, room],
          ]);
    const result = call(name, anySocket(), view, length, flags, ...rest);
    if (result >= 0) assert.ok(result <= length && length <= bytes, `${name} into ${what}`);
    assert.ok(isIntact() && from.isIntact(), `${name} wrote around ${what} or ${from.what}`);
  },

  send() {
    const { view, bytes, what } = anyView(random);
    const length = pick([bytes, anyNumber(random)]);
    const result = call('send', anySocket(), view, length, 0);
    if (result >= 0) assert.ok(result <= length && length <= bytes, `send of ${what}`);
  },

  WSAPoll() {
    const count = below(12);
    const fds = Array.from({ length: count }, () => ({
      fd: below(8) === 0 ? anyNumber(random) : pick([pick(sockets), -1, below(200)]),
      events: below(10) === 0 ? anyNumber(random) : pick([1, 4, 5, 2, 0, 0x2000]),
      revents: UNTOUCHED,
    }));
    if (below(20) === 0) delete fds[below(count + 1)];
    const nfds = pick([count, count, anyNumber(random)]);
    const result = call('WSAPoll', fds, nfds, pick([0, 0, 0, 1]));
    if (result === undefined || result < 0) return;
    assert.ok(result <= nfds && nfds <= count, `WSAPoll of ${count} accepted ${nfds}`);
    const written = fds.slice(0, nfds);
    assert.equal(written.filter(({ revents }) => revents !== 0).length, result);
    for (const { fd, revents } of written) if (fd < 0) assert.equal(revents, 0);
    // A hole may lie there: what nobody looks at may be anything.
    for (const entry of fds.slice(nfds)) assert.equal(entry?.revents ?? UNTOUCHED, UNTOUCHED);
  },

  select() {
    const makeSet = () => {
      if (below(4) === 0) return null;
      const set = new w.fd_set();
      for (let n = below(6); n > 0; n--) {
        if (below(30) === 0) set.fd_array.push(anyNumber(random));
        else w.FD_SET(below(15) === 0 ? below(5000) : pick(sockets), set);
      }
      return set;
    };
    const sets = [makeSet(), makeSet(), makeSet()];
    const before = sets.map((set) => [...(set?.fd_array ?? [])]);
    const timeout = below(20)
      ? { tv_sec: 0, tv_usec: below(100) }
      : { tv_sec: -1, tv_usec: anyNumber(random) };
    const result = call('select', 0, ...sets, timeout);
    if (result === undefined || result < 0) return;
    const after = sets.map((set) => set?.fd_array ?? []);
    assert.equal(result, after.flat().length);
    for (const [i, set] of after.entries()) for (const s of set) assert.ok(before[i].includes(s));
  },
};

assert.equal(w.WSAStartup(w.MAKEWORD(2, 2), new w.WSADATA()), 0);
const names = Object.keys(cases);
const transfer = new Transfer(random);
const until = performance.now() + seconds * 1000;
let round = 0;
try {
  for (; round < rounds && performance.now() < until; round++) {
    if (round % 200 === 0) renew();
    if (round % 3 === 0) transfer.step();
    else cases[pick(names)]();
  }
  transfer.finish();
  // Each must have come, or nothing was tried.
  for (const [what, count] of Object.entries(counts)) assert.ok(count > 0, `nothing was ${what}`);
  console.log(
    `seed ${seed}: ${round} rounds, ${JSON.stringify({ ...counts, ...transfer.counts })}`,
  );
} catch (error) {
  console.log(`seed ${seed}, round ${round}: ${error.stack}`);
  process.exitCode = 1;
}
