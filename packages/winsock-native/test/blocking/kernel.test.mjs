/**
 * Where our calls are made of several of the kernel's, they end as the kernel's own would: at a limit, and at a reset.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  client,
  constants,
  listen,
  loopback,
  must,
  native,
  pair,
  setNonBlocking,
  setTimeoutOption,
  VERSION,
} from '../addon.mjs';
import { blockedOnThread } from './threads.mjs';

const LIMIT_MS = 15_000;
const { SOL_SOCKET, SO_LINGER, SO_ERROR, SO_RCVTIMEO, SO_SNDTIMEO } = constants;

beforeAll(() => {
  native.startup(VERSION);
});
afterAll(() => {
  native.cleanup();
});

function closeAll(...handles) {
  for (const handle of handles) native.closesocket(handle);
}

/** Closes so that the peer sees a reset. */
function reset(handle) {
  const bytes = native.optionCodecs.linger.pack({ l_onoff: 1, l_linger: 0 });
  must('setsockopt', native.setsockopt(handle, SOL_SOCKET, SO_LINGER, bytes, bytes.length));
  must('closesocket', native.closesocket(handle));
}

/** What a call gave, and the code where it failed. */
const seen = (result) => (result < 0 ? [result, native.lastError()] : [result]);
const recv = (handle) => seen(native.recv(handle, new Uint8Array(8), 8, 0));
const send = (handle) => seen(native.send(handle, new Uint8Array(1), 1, 0));

function socketError(handle) {
  const value = new Int32Array(1);
  must('getsockopt', native.getsockopt(handle, SOL_SOCKET, SO_ERROR, value, Int32Array.of(4)));
  return value[0];
}

/** Returns when the peer's end has arrived; the socket is not asked what it is. */
function untilHungUp(handle) {
  const fds = new Float64Array([handle, constants.POLLRDHUP, 0]);
  must('poll', native.poll(fds, 1, 5000));
}

describe('a reset after a part was moved', () => {
  /** A blocked recv for 8 bytes of which 3 came before the reset. */
  async function cutShort() {
    const { near, far } = pair();
    native.send(far, new Uint8Array(3), 3, 0);
    const flags = constants.MSG_WAITALL;
    const { outcome, exit } = await blockedOnThread({
      call: 'recv',
      handle: near,
      length: 8,
      flags,
    });
    reset(far);
    expect(await outcome).toMatchObject({ result: 3 });
    await exit;
    return near;
  }

  test('gives recv its count, and the next recv 10054, once', { timeout: LIMIT_MS }, async () => {
    const near = await cutShort();
    expect(recv(near)).toEqual([-1, 10054]);
    expect(recv(near)).toEqual([0]);
    closeAll(near);
  });

  test('gives the next send 10054', { timeout: LIMIT_MS }, async () => {
    const near = await cutShort();
    expect(send(near)).toEqual([-1, 10054]);
    expect(recv(near)).toEqual([0]);
    closeAll(near);
  });

  test('gives SO_ERROR 10054, once', { timeout: LIMIT_MS }, async () => {
    const near = await cutShort();
    expect(socketError(near)).toBe(10054);
    expect(socketError(near)).toBe(0);
    closeAll(near);
  });

  test('gives an owned recv ECONNRESET', { timeout: LIMIT_MS }, async () => {
    const near = await cutShort();
    const out = new Uint32Array(2);
    must('sockAdopt', native.sockAdopt(near, 0, out));
    expect(native.tryRecv(near, out[0], new Uint8Array(8), 0)).toBe(-104);
    closeAll(near);
  });

  test('gives send its count, and the next recv 10054', { timeout: LIMIT_MS }, async () => {
    const { near, far } = pair();
    const length = 1 << 26;
    const { outcome, exit } = await blockedOnThread({ call: 'send', handle: near, length });
    reset(far);
    const { result } = await outcome;
    expect(result).toBeGreaterThan(0);
    expect(result).toBeLessThan(length);
    await exit;
    expect(recv(near)).toEqual([-1, 10054]);
    closeAll(near);
  });
});

describe('a connection that was made and then reset', () => {
  const inExcept = (handle) => native.select(null, null, new Float64Array([1, handle]), 0);

  test('is no refused connect: the except set stays empty', { timeout: LIMIT_MS }, () => {
    const { near, far } = pair();
    reset(far);
    untilHungUp(near);
    expect(inExcept(near)).toBe(0);
    closeAll(near);
  });

  const ways = {
    'poll says that it is writable': (handle) =>
      native.poll(new Float64Array([handle, constants.POLLOUT, 0]), 1, 1000),
    'select says that it is writable': (handle) =>
      native.select(null, new Float64Array([1, handle]), null, 1000),
    'getpeername knows its peer': (handle) =>
      native.getpeername(handle, new Uint8Array(16), Int32Array.of(16)),
    'SO_ERROR reads 0': (handle) => socketError(handle) + 1,
  };
  test.each(Object.keys(ways))('gives 10054 to send after %s', { timeout: LIMIT_MS }, (way) => {
    const { handle, port } = listen();
    const near = client();
    setNonBlocking(near);
    native.connect(near, loopback(port), 16);
    const far = must('accept', native.accept(handle, null, new Int32Array(1)));
    expect(ways[way](near)).toBeGreaterThanOrEqual(0);
    reset(far);
    untilHungUp(near);
    expect(inExcept(near)).toBe(0);
    expect(socketError(near)).toBe(10054);
    expect(send(near)).toEqual([-1, 10054]);
    closeAll(near, handle);
  });

  test('gives 10054 to send although only SO_ERROR was asked, after it', {
    timeout: LIMIT_MS,
  }, () => {
    const { handle, port } = listen();
    const near = client();
    setNonBlocking(near);
    native.connect(near, loopback(port), 16);
    reset(must('accept', native.accept(handle, null, new Int32Array(1))));
    untilHungUp(near);
    expect(socketError(near)).toBe(10054);
    expect(send(near)).toEqual([-1, 10054]);
    closeAll(near, handle);
  });
});

describe('a time limit', () => {
  test('ends sendto where a Unix datagram queue is full', { timeout: LIMIT_MS }, async () => {
    const { AF_UNIX, SOCK_DGRAM } = constants;
    const name = new TextEncoder().encode(`xx\0netloom-queue-${process.pid}`);
    new DataView(name.buffer).setUint16(0, AF_UNIX, true);
    const reader = must('socket', native.socket(AF_UNIX, SOCK_DGRAM, 0));
    must('bind', native.bind(reader, name, name.length));
    const writer = must('socket', native.socket(AF_UNIX, SOCK_DGRAM, 0));
    setNonBlocking(writer);
    while (native.sendto(writer, new Uint8Array(8), 8, 0, name, name.length) === 8);
    setNonBlocking(writer, false);
    setTimeoutOption(writer, SO_SNDTIMEO, 500);
    const before = process.cpuUsage();
    const { worker, outcome, exit } = await blockedOnThread({
      call: 'sendto',
      handle: writer,
      to: name,
    });
    const late = setTimeout(() => worker.terminate(), LIMIT_MS / 2);
    expect(await outcome).toMatchObject({ result: -1, error: 10060 });
    clearTimeout(late);
    await exit;
    // Half a second of looking without a pause costs half a second.
    expect(process.cpuUsage(before).system / 1000).toBeLessThan(300);
    closeAll(reader, writer);
  });

  test.each(['SO_RCVTIMEO', 'SO_SNDTIMEO'])('%s before now is refused with 10022', (name) => {
    const { near, far } = pair();
    const bytes = native.optionCodecs.timeval.pack({ tv_sec: -1, tv_usec: 0 });
    expect(seen(native.setsockopt(near, SOL_SOCKET, constants[name], bytes, 16))).toEqual([
      -1, 10022,
    ]);
    const out = new Uint32Array(2);
    must('sockAdopt', native.sockAdopt(near, 0, out));
    expect(native.sockSetOption(near, out[0], SOL_SOCKET, constants[name], bytes)).toBe(-22);
    closeAll(near, far);
  });

  test('with too many microseconds is refused with 10022', () => {
    const { near, far } = pair();
    const bytes = native.optionCodecs.timeval.pack({ tv_sec: 0, tv_usec: 2_000_000 });
    expect(seen(native.setsockopt(near, SOL_SOCKET, SO_RCVTIMEO, bytes, 16))).toEqual([-1, 10022]);
    closeAll(near, far);
  });
});

const fixture = (name) => fileURLToPath(new URL(name, import.meta.url));

test('poll beyond RLIMIT_NOFILE is refused, select counts a handle once', {
  timeout: LIMIT_MS,
}, () => {
  const limited = `ulimit -n 100; exec "${process.execPath}" "${fixture('./few-descriptors.mjs')}" 100`;
  const life = spawnSync('sh', ['-c', limited], { encoding: 'utf8', timeout: 10_000 });
  expect(life).toMatchObject({ status: 0, signal: null, stderr: '' });
  expect(JSON.parse(life.stdout)).toEqual({
    pollAtLimit: [100],
    pollBeyond: [-1, 10022],
    selectInThreeSets: [41],
  });
});

const alone = ['-rn', process.execPath];
const mayUnshare = spawnSync('unshare', [...alone, '--version'], { timeout: 5000 }).status === 0;

test.skipIf(!mayUnshare)(
  'a datagram socket for which no port is left does not wait for one',
  {
    timeout: LIMIT_MS,
  },
  () => {
    const args = [...alone, fixture('./no-port-left.mjs')];
    const life = spawnSync('unshare', args, { encoding: 'utf8', timeout: 10_000 });
    expect(life).toMatchObject({ status: 0, signal: null, stderr: '' });
    expect(JSON.parse(life.stdout)).toEqual({ sendto: [-1, 10035], connect: [-1, 10035] });
  },
);
