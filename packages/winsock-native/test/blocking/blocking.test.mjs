/**
 * Blocking calls wait as in C and are ended from outside: by closesocket, by a time limit, by the end of the thread or of
 * the process. Each test first sees in /proc that the thread sleeps inside the call.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  client,
  constants,
  fill,
  listen,
  loopback,
  native,
  pair,
  setNonBlocking,
  setTimeoutOption,
  VERSION,
} from '../addon.mjs';
import { PREPARE } from './calls.mjs';
import { blockedOnThread, onThread } from './threads.mjs';

// The promise is one second and 0.3 s is what is seen; ten times the promise is for machines that do other things too.
const LIMIT_MS = 10_000;

// closesocket waits in its own way: the tests of SO_LINGER below.
const NAMES = Object.keys(PREPARE).filter((name) => name !== 'closesocket');

function prepare(call) {
  return PREPARE[call]();
}

function closeAll(prepared) {
  for (const handle of [prepared.handle, ...(prepared.others ?? [])]) native.closesocket(handle);
}

beforeAll(() => {
  native.startup(VERSION);
});
afterAll(() => {
  native.cleanup();
});

describe('a thread that is blocked in', () => {
  test.each(Object.keys(PREPARE))(
    '%s is terminated at once',
    { timeout: LIMIT_MS },
    async (call) => {
      const prepared = prepare(call);
      const { worker } = await blockedOnThread({ call, ...prepared });
      const begin = performance.now();
      expect(await worker.terminate()).toBe(1);
      expect(performance.now() - begin).toBeLessThan(LIMIT_MS);
      closeAll(prepared);
    },
  );

  test.each(NAMES)('%s is woken with 10004 by closesocket', { timeout: LIMIT_MS }, async (call) => {
    const prepared = prepare(call);
    const { outcome, exit } = await blockedOnThread({ call, ...prepared });
    expect(native.closesocket(prepared.handle)).toBe(0);
    expect(await outcome).toMatchObject({ result: -1, error: 10004 });
    // Closed for everybody from the moment of the call.
    expect(native.recv(prepared.handle, new Uint8Array(1), 1, 0)).toBe(-1);
    expect(native.lastError()).toBe(10038);
    await exit;
    closeAll({ handle: -1, others: prepared.others });
  });

  test('recv is woken with 10004 by the Socket that owns the number', {
    timeout: LIMIT_MS,
  }, async () => {
    const { near, far } = pair();
    const out = new Uint32Array(2);
    expect(native.sockAdopt(near, 0, out)).toBe(0);
    const { outcome, exit } = await blockedOnThread({ call: 'recv', handle: near });
    expect(native.sockClose(near, out[0])).toBe(0);
    expect(await outcome).toMatchObject({ result: -1, error: 10004 });
    await exit;
    closeAll({ handle: far });
  });

  test.each(Object.keys(PREPARE))(
    '%s does not keep the process',
    { timeout: LIMIT_MS },
    async (call) => {
      const fixture = fileURLToPath(new URL('./exit-while-blocked.mjs', import.meta.url));
      const child = spawn(process.execPath, [fixture, call], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const killer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS - 1000);
      const [code, signal] = await once(child, 'exit');
      clearTimeout(killer);
      expect({ code, signal }).toEqual({ code: 3, signal: null });
    },
  );
});

describe('a time limit', () => {
  const rows = [
    { call: 'recv', option: 'SO_RCVTIMEO', expected: { result: -1, error: 10060 } },
    { call: 'recvfrom', option: 'SO_RCVTIMEO', expected: { result: -1, error: 10060 } },
    { call: 'accept', option: 'SO_RCVTIMEO', expected: { result: -1, error: 10060 } },
    { call: 'send', option: 'SO_SNDTIMEO', expected: { result: -1, error: 10060 } },
    { call: 'connect', option: 'SO_SNDTIMEO', expected: { result: -1, error: 10060 } },
  ];
  test.each(rows)('$option ends $call with 10060', { timeout: LIMIT_MS }, async (row) => {
    const prepared = prepare(row.call);
    setTimeoutOption(prepared.handle, constants[row.option], 300);
    const { started, outcome, exit } = onThread({ call: row.call, ...prepared });
    await started;
    const begin = performance.now();
    expect(await outcome).toMatchObject(row.expected);
    // The worker's own clock began a little earlier than ours.
    expect(performance.now() - begin).toBeGreaterThan(200);
    await exit;
    closeAll(prepared);
  });

  test('of a send that has moved some bytes gives their count', { timeout: LIMIT_MS }, async () => {
    const { near, far } = pair();
    setTimeoutOption(near, constants.SO_SNDTIMEO, 300);
    const { outcome, exit } = await blockedOnThread({
      call: 'send',
      handle: near,
      length: 1 << 26,
    });
    const { result } = await outcome;
    expect(result).toBeGreaterThan(0);
    expect(result).toBeLessThan(1 << 26);
    await exit;
    closeAll({ handle: near, others: [far] });
  });
});

describe('a blocking call', () => {
  test('of another thread uses a socket opened here and gets what arrives', async () => {
    const { near, far } = pair();
    const { outcome, exit } = await blockedOnThread({ call: 'recv', handle: near });
    expect(native.send(far, Uint8Array.of(1, 2, 3), 3, 0)).toBe(3);
    const { result, bytes } = await outcome;
    expect([result, ...bytes.subarray(0, 3)]).toEqual([3, 1, 2, 3]);
    await exit;
    closeAll({ handle: near, others: [far] });
  });

  test('closesocket on another thread closes a socket opened here', async () => {
    const { near, far } = pair();
    const { outcome, exit } = onThread({ call: 'closesocket', handle: near });
    expect(await outcome).toMatchObject({ result: 0 });
    expect(native.recv(far, new Uint8Array(1), 1, 0)).toBe(0);
    await exit;
    native.closesocket(far);
  });

  test('wakes every thread that waits on the socket', { timeout: LIMIT_MS }, async () => {
    const { handle } = listen();
    const first = await blockedOnThread({ call: 'accept', handle });
    const second = await blockedOnThread({ call: 'accept', handle });
    native.closesocket(handle);
    expect(await first.outcome).toMatchObject({ result: -1, error: 10004 });
    expect(await second.outcome).toMatchObject({ result: -1, error: 10004 });
    await Promise.all([first.exit, second.exit]);
  });

  test('send sends all of it to a slow reader', { timeout: LIMIT_MS }, async () => {
    const { near, far } = pair();
    const length = 1 << 23;
    const { outcome, exit } = await blockedOnThread({ call: 'send', handle: near, length });
    const block = new Uint8Array(1 << 16);
    let got = 0;
    while (got < length) got += native.recv(far, block, block.length, 0);
    expect(await outcome).toMatchObject({ result: length });
    expect(got).toBe(length);
    await exit;
    closeAll({ handle: near, others: [far] });
  });

  test('recv with MSG_WAITALL waits for all the room', { timeout: LIMIT_MS }, async () => {
    const { near, far } = pair();
    native.send(far, Uint8Array.of(1, 2), 2, 0);
    const flags = constants.MSG_WAITALL;
    const { outcome, exit } = await blockedOnThread({
      call: 'recv',
      handle: near,
      length: 4,
      flags,
    });
    native.send(far, Uint8Array.of(3, 4), 2, 0);
    const { result, bytes } = await outcome;
    expect([result, ...bytes]).toEqual([4, 1, 2, 3, 4]);
    await exit;
    closeAll({ handle: near, others: [far] });
  });

  test('recv with MSG_WAITALL gives what there is at the end of the stream', async () => {
    const { near, far } = pair();
    native.send(far, Uint8Array.of(1, 2), 2, 0);
    native.closesocket(far);
    expect(native.recv(near, new Uint8Array(4), 4, constants.MSG_WAITALL)).toBe(2);
    native.closesocket(near);
  });

  test('connect finishes the connection: repeated at once it gives 10056', () => {
    const { handle, port } = listen();
    const socket = client(port);
    expect(native.connect(socket, loopback(port), 16)).toBe(-1);
    expect(native.lastError()).toBe(10056);
    closeAll({ handle, others: [socket] });
  });

  test('connect says 10061 where nobody listens', () => {
    const { handle, port } = listen();
    native.closesocket(handle);
    const socket = client();
    expect(native.connect(socket, loopback(port), 16)).toBe(-1);
    expect(native.lastError()).toBe(10061);
    native.closesocket(socket);
  });

  test('does not wait with FIONBIO set, and waits again when it is taken back', async () => {
    const { near, far } = pair();
    setNonBlocking(near);
    expect(native.recv(near, new Uint8Array(1), 1, 0)).toBe(-1);
    expect(native.lastError()).toBe(10035);
    setNonBlocking(near, false);
    const { outcome, exit } = await blockedOnThread({ call: 'recv', handle: near });
    native.closesocket(far);
    expect(await outcome).toMatchObject({ result: 0 });
    await exit;
    native.closesocket(near);
  });

  test('waits on a blocking descriptor from elsewhere, and leaves it blocking', {
    timeout: LIMIT_MS,
  }, async () => {
    const fixture = fileURLToPath(new URL('./stranger.mjs', import.meta.url));
    const child = spawn(process.execPath, [fixture], { stdio: ['pipe', 'pipe', 'inherit', 'ipc'] });
    await once(child, 'message'); // "blocked": seen by the child's main thread
    child.stdin.write('abc');
    const [answer] = await once(child, 'message');
    expect(answer).toEqual({ result: 3, error: 0, isStillBlocking: true });
    child.disconnect();
    await once(child, 'exit');
  });
});

describe('closing a socket that lingers', () => {
  // A peer that does not read, so that there is always something left to send.
  function lingering(seconds) {
    const { near, far } = pair();
    const bytes = native.optionCodecs.linger.pack({ l_onoff: 1, l_linger: seconds });
    native.setsockopt(near, constants.SOL_SOCKET, constants.SO_LINGER, bytes, bytes.length);
    fill(near);
    return { near, far };
  }

  test('closesocket waits for the time that was set, as in C', { timeout: LIMIT_MS }, async () => {
    const { near, far } = lingering(1);
    const { outcome, exit } = await blockedOnThread({ call: 'closesocket', handle: near });
    const begin = performance.now();
    expect(await outcome).toMatchObject({ result: 0 });
    expect(performance.now() - begin).toBeGreaterThan(500);
    await exit;
    native.closesocket(far);
  });

  test('does not keep a worker from being terminated', { timeout: LIMIT_MS }, async () => {
    const { near, far } = lingering(60);
    const { worker } = await blockedOnThread({ call: 'closesocket', handle: near });
    expect(await worker.terminate()).toBe(1);
    native.closesocket(far);
  });

  test('never waits where a Socket owns it or FIONBIO is set', { timeout: LIMIT_MS }, () => {
    const owned = lingering(60);
    const out = new Uint32Array(2);
    expect(native.sockAdopt(owned.near, 0, out)).toBe(0);
    expect(native.sockClose(owned.near, out[0])).toBe(0);
    const other = lingering(60);
    setNonBlocking(other.near);
    expect(native.closesocket(other.near)).toBe(0);
    native.closesocket(owned.far);
    native.closesocket(other.far);
  });
});

describe('a number', () => {
  test('that a thread opened is closed when the thread ends', async () => {
    const { handle, port } = listen();
    const thread = onThread({ call: 'connect', handle: client(), port });
    await thread.exit; // the connected socket was opened here, so it lives on
    const accepted = native.accept(handle, null, new Int32Array(1));
    setNonBlocking(accepted);
    expect(native.recv(accepted, new Uint8Array(1), 1, 0)).toBe(-1);
    expect(native.lastError()).toBe(10035);

    const fixture = new URL('./opens-and-ends.mjs', import.meta.url);
    const { Worker } = await import('node:worker_threads');
    await once(new Worker(fixture, { workerData: { port } }), 'exit');
    const other = native.accept(handle, null, new Int32Array(1));
    expect(native.recv(other, new Uint8Array(1), 1, 0)).toBe(0);
    closeAll({ handle, others: [accepted, other] });
  });

  test('is not given out again while a call on it is in progress', async () => {
    const { handle } = listen();
    const { outcome, exit } = await blockedOnThread({ call: 'accept', handle });
    native.closesocket(handle);
    const next = client();
    // Either the waiter has left already, then it has its answer, or the number is still taken.
    expect(await outcome).toMatchObject({ result: -1, error: 10004 });
    await exit;
    native.closesocket(next);
  });

  test('that is a file is no socket, and closesocket leaves it open', async () => {
    const { openSync, closeSync, fstatSync } = await import('node:fs');
    const file = openSync(fileURLToPath(import.meta.url), 'r');
    for (const call of [
      () => native.closesocket(file),
      () => native.recv(file, new Uint8Array(1), 1, 0),
      () => native.select(new Float64Array([1, file]), null, null, 0),
    ]) {
      expect(call()).toBe(-1);
      expect(native.lastError()).toBe(10038);
    }
    expect(fstatSync(file).isFile()).toBe(true);
    closeSync(file);
  });
});
