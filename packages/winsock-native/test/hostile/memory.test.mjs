/**
 * Memory of every kind that JavaScript has: the calls read and write what a view shows at the time of the call, no byte more,
 * and a view that shows nothing is room without bytes.
 */
import { kMaxLength } from 'node:buffer';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Socket } from '@netloom/winsock-native';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { constants, native, pair, setNonBlocking, VERSION } from '../addon.mjs';
import { blockedOnThread } from '../blocking/threads.mjs';

const { SOL_SOCKET, SO_TYPE, SOCK_STREAM } = constants;
const LIMIT_MS = 40_000;
let near;
let far;

beforeAll(() => {
  native.startup(VERSION);
  ({ near, far } = pair());
  setNonBlocking(near);
});
afterAll(() => {
  for (const s of [near, far]) native.closesocket(s);
  native.cleanup();
});

const seen = (result) => (result < 0 ? [result, native.lastError()] : [result]);
const send = (bytes) => native.send(far, Uint8Array.from(bytes), bytes.length, 0);
const recv = (view, length) => seen(native.recv(near, view, length, 0));
const typeInto = (view, room) =>
  seen(native.getsockopt(near, SOL_SOCKET, SO_TYPE, view, Int32Array.of(room)));

const KINDS = [
  ...['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Float16Array'],
  ...['Int32Array', 'Uint32Array', 'Float32Array', 'Float64Array', 'BigInt64Array'],
  ...['BigUint64Array', 'DataView'],
].filter((name) => globalThis[name] !== undefined);

describe.each(KINDS)('%s', (name) => {
  const Kind = globalThis[name];
  const unit = Kind.BYTES_PER_ELEMENT ?? 1;
  const make = (buffer) => new Kind(buffer, 8, 16 / unit);

  test('is as long as its bytes', () => {
    const buffer = new ArrayBuffer(32);
    send([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
    expect(recv(make(buffer), 17)).toEqual([-1, 10014]);
    expect(recv(make(buffer), 16)).toEqual([16]);
    const expected = [
      0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16,
    ];
    expect([...new Uint8Array(buffer, 0, 24)]).toEqual(expected);
    expect(new Uint8Array(buffer, 24)).toEqual(new Uint8Array(8));
    expect(typeInto(make(buffer), 16)).toEqual([0]);
    expect(typeInto(make(buffer), 17)).toEqual([-1, 10014]);
  });

  test('whose memory was given away shows nothing', () => {
    const buffer = new ArrayBuffer(32);
    const view = make(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    send([1]);
    expect(recv(view, 1)).toEqual([-1, 10014]);
    expect(recv(view, 0)).toEqual([0]);
    expect(native.send(near, view, 0, 0)).toBe(0);
    expect(seen(native.send(near, view, 1, 0))).toEqual([-1, 10014]);
    expect(typeInto(view, 4)).toEqual([-1, 10014]);
    expect(recv(new Uint8Array(1), 1)).toEqual([1]);
  });

  test('shows what is left of memory that shrank, and what came to memory that grew', () => {
    const buffer = new ArrayBuffer(32, { maxByteLength: 64 });
    const fixed = make(buffer);
    const tracking = new Kind(buffer, 8);
    buffer.resize(8 + unit);
    expect(typeInto(fixed, 4)).toEqual([-1, 10014]);
    send([7, 7, 7, 7, 7, 7, 7, 7]);
    expect(recv(tracking, unit + 1)).toEqual([-1, 10014]);
    expect(recv(tracking, unit)).toEqual([unit]);
    buffer.resize(64);
    expect(recv(tracking, 57)).toEqual([-1, 10014]);
    if (unit < 8) expect(recv(tracking, 56)).toEqual([8 - unit]);
  });
});

describe('memory that changes during a call', () => {
  test('shared memory is received into while another thread writes it', {
    timeout: LIMIT_MS,
  }, async () => {
    const ends = pair();
    const shared = new Uint8Array(new SharedArrayBuffer(64, { maxByteLength: 128 }));
    const { outcome, exit } = await blockedOnThread({
      call: 'recv',
      handle: ends.near,
      into: shared,
    });
    shared.fill(0xee);
    shared.buffer.grow?.(128);
    expect(native.send(ends.far, Uint8Array.of(1, 2, 3), 3, 0)).toBe(3);
    expect(await outcome).toMatchObject({ result: 3 });
    expect([...shared.subarray(0, 4)]).toEqual([1, 2, 3, 0xee]);
    await exit;
    for (const s of [ends.near, ends.far]) native.closesocket(s);
  });
});

describe('lengths of 64 bits', () => {
  // Never touched, so that it costs address space and no memory.
  const huge = new Uint8Array(Math.min(kMaxLength, 2 ** 32 + 4));

  test('no option is that long: refused, not cut to its lowest bits', () => {
    const socket = Socket.create(2, SOCK_STREAM);
    expect(() => socket.setOption(SOL_SOCKET, constants.SO_KEEPALIVE, huge)).toThrow(/EFAULT/);
    expect(socket.getOption(SOL_SOCKET, constants.SO_KEEPALIVE)).toBe(false);
    socket.close();
  });

  test('a call moves what it can and gives a count that is right', () => {
    const ends = pair();
    const out = new Uint32Array(2);
    native.sockAdopt(ends.near, 0, out);
    const sent = native.trySend(ends.near, out[0], huge, 0);
    expect(sent).toBeGreaterThan(0);
    expect(seen(native.send(near, huge, huge.length + 1, 0))).toEqual([-1, 10014]);
    for (const s of [ends.near, ends.far]) native.closesocket(s);
  });
});

test('nothing is read or written where the length is 0', () => {
  // As the kernel has it: without bytes to be had it says so, whatever the room.
  expect(recv(new Uint8Array(1), 0)).toEqual([-1, 10035]);
  send([5]);
  expect(recv(new Uint8Array(0), 0)).toEqual([0]);
  expect(recv(null, 0)).toEqual([0]);
  expect(seen(native.send(near, null, 0, 0))).toEqual([0]);
  const into = new Uint8Array(2);
  expect(recv(into, 2)).toEqual([1]);
  expect([...into]).toEqual([5, 0]);
});

const hasPython = spawnSync('python3', ['--version']).status === 0;
test.runIf(process.platform === 'linux' && hasPython)(
  "a socket's filter, which the kernel counts in instructions, is read by bytes",
  { timeout: LIMIT_MS },
  () => {
    const path = (name) => fileURLToPath(new URL(name, import.meta.url));
    const args = [path('./filtered.py'), process.execPath, path('./filtered.mjs')];
    const life = spawnSync('python3', args, { encoding: 'utf8', timeout: LIMIT_MS - 5000 });
    expect(life).toMatchObject({ status: 0, signal: null, stderr: '' });
    // 4 bytes are no room for 4 instructions.
    expect(JSON.parse(life.stdout)).toMatchObject({ isIntact: true, exact: [0, 32], rest: 0xa5 });
  },
);
