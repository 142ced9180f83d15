/**
 * No descriptors left, no buffers left, signals in the middle: a code that says it, nothing lost, and everything goes on when
 * there is room again. ENFILE is the machine's limit, which a test may not lower; it has the same code (its row in unix.cc).
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { isAsleepInPoll, native } from '../addon.mjs';

const LIMIT_MS = 30_000;
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

function exhausted(what) {
  const command = 'ulimit -n 64 && exec "$0" "$@"';
  const args = ['-c', command, process.execPath, path('./exhausted.mjs'), what];
  const life = spawnSync('sh', args, { encoding: 'utf8', timeout: LIMIT_MS - 5000 });
  expect(life).toMatchObject({ status: 0, signal: null, stderr: '' });
  return JSON.parse(life.stdout);
}

describe('without a descriptor left', { timeout: LIMIT_MS }, () => {
  test('socket says 10024 and EMFILE, and works again', () => {
    const refused = [-1, 10024];
    expect(exhausted('socket')).toEqual({
      before: [refused, refused, 'SocketError EMFILE socket'],
      after: true,
    });
  });

  test('accept says so and loses no connection', () => {
    expect(exhausted('accept')).toEqual({
      before: [
        [-1, 10024],
        [-1, 10024],
      ],
      tried: 'SocketError EMFILE accept',
      length: 16,
      after: [1, 42],
    });
  });

  test('calls that open nothing work, and time limits hold', () => {
    expect(exhausted('waiting')).toEqual({ now: [[3], [0]], late: [-1, 10060] });
    expect(exhausted('connect')).toEqual({ connected: [0] });
  });

  test('closesocket still ends a wait of another thread', () => {
    expect(exhausted('woken without a descriptor to wake it')).toEqual({
      result: -1,
      error: 10004,
      isSoon: true,
    });
  });
});

test('ENFILE has the code of EMFILE', () => {
  const ENFILE = 23;
  expect(native.wsaFromSystem(ENFILE)).toBe(10024);
});

test('ENOBUFS is 10055', { timeout: LIMIT_MS }, () => {
  expect(exhausted('no buffers')).toEqual({ joined: [-1, 10055] });
});

test('a signal during recv is not seen by the call', { timeout: LIMIT_MS }, async () => {
  const child = spawn(process.execPath, [path('./interrupted.mjs')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exit = once(child, 'exit');
  let out = '';
  child.stdout.on('data', (text) => {
    out += text;
  });
  while (!out.includes('\n')) await once(child.stdout, 'data');
  const peer = connect(Number(out.split('\n')[0]), '127.0.0.1');
  await once(peer, 'connect');
  for (let i = 1; i <= 6; i++) {
    // Signals come while it sleeps; each wakes the kernel's poll with EINTR.
    while (!isAsleepInPoll(child.pid, child.pid)) await new Promise((next) => setTimeout(next, 1));
    for (let n = 0; n < 20; n++) child.kill('SIGUSR2');
    await new Promise((next) => peer.write(Uint8Array.of(i), next));
  }
  expect(await exit).toEqual([0, null]);
  peer.destroy();
  expect(JSON.parse(out.split('\n')[1] ?? '')).toEqual({
    result: 6,
    bytes: [1, 2, 3, 4, 5, 6],
    wasSignalled: true,
  });
});
