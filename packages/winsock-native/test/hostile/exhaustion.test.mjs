/**
 * No descriptors left, no buffers left, signals in the middle: a code that says it, nothing lost, and everything goes on when
 * there is room again. ENFILE is the machine's limit, which a test may not lower; it has the same code (its row in unix.cc).
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAsleepInPoll } from '../addon.mjs';

/** Ten times what a life takes: one behind a sanitizer's runtime, on a machine with other work, has taken 28 s. */
const LIMIT_MS = 300_000;
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

/** What a program says that runs with `ulimit -n 64`. */
function exhausted(what) {
  return sayOf('sh', ['-c', 'ulimit -n 64 && exec "$0" "$@"', process.execPath], what, {});
}

/** What it says on a machine without a file left, which is played. */
function played(what) {
  // Behind a sanitizer's runtime, which wants to be the first.
  const LD_PRELOAD = [process.env.LD_PRELOAD, library].filter(Boolean).join(':');
  return sayOf(process.execPath, [], what, { LD_PRELOAD, NETLOOM_PLAYED: '1' });
}

function sayOf(command, args, what, env) {
  const life = spawnSync(command, [...args, path('./exhausted.mjs'), what], {
    encoding: 'utf8',
    timeout: LIMIT_MS - 5000,
    env: { ...process.env, ...env },
  });
  expect(life).toMatchObject({ status: 0, signal: null, stderr: '' });
  return JSON.parse(life.stdout);
}

const compiler = process.env.CXX || 'g++';
const hasCompiler = spawnSync(compiler, ['--version']).status === 0;
let folder;
let library;
beforeAll(() => {
  if (!hasCompiler) return;
  folder = mkdtempSync(join(tmpdir(), 'netloom-'));
  library = join(folder, 'no-files.so');
  const args = ['-shared', '-fPIC', '-O1', '-Wall', '-o', library, path('./no-files.cc')];
  // Not behind a sanitizer's runtime, which would report what the compiler and its linker leak.
  const env = { ...process.env, LD_PRELOAD: '' };
  const made = spawnSync(compiler, args, { encoding: 'utf8', env });
  expect(made).toMatchObject({ status: 0, stderr: '' });
});
afterAll(() => {
  if (folder) rmSync(folder, { recursive: true });
});

const EMFILE = -24;
const ENFILE = -23;
const WAYS = [
  { what: 'a descriptor left (EMFILE)', say: exhausted, code: 'EMFILE', errno: EMFILE },
  { what: 'a file left in the machine (ENFILE)', say: played, code: 'ENFILE', errno: ENFILE },
];

describe.each(WAYS)('without $what', { timeout: LIMIT_MS }, ({ say, code, errno }) => {
  const check = test.runIf(code === 'EMFILE' || hasCompiler);

  check('socket says 10024, and works again', () => {
    const refused = [-1, 10024];
    expect(say('socket')).toEqual({
      before: [refused, refused, `SocketError ${code} socket`],
      after: true,
    });
  });

  check('accept says so and loses no connection', () => {
    expect(say('accept')).toEqual({
      before: [
        [-1, 10024],
        [-1, 10024],
      ],
      tried: `SocketError ${code} accept`,
      length: 16,
      after: [1, 42],
    });
  });

  check('the reactor says so at each that it opens, and opens when there are enough', () => {
    expect(say('reactor')).toEqual({ said: [errno, errno], isOpen: true });
    expect(say('reactor of its own thread')).toEqual({
      said: [errno, errno, errno],
      isOpen: true,
    });
  });

  check('what is refused leaves nothing open, and what opens nothing works', () => {
    expect(say('leaks')).toEqual({
      socket: [-1],
      'Socket.create': [`SocketError ${code} socket`],
      accept: [-1],
      WSAStartup: [0],
      fromRaw: [true],
      setsockopt: [0],
    });
  });

  check('calls that open nothing work, and time limits hold', () => {
    expect(say('waiting')).toEqual({ now: [[3], [0]], late: [-1, 10060] });
    expect(say('connect')).toEqual({ connected: [0] });
  });

  check('closesocket still ends a wait of another thread', () => {
    expect(say('woken without a descriptor to wake it')).toEqual({
      result: -1,
      error: 10004,
      isSoon: true,
    });
  });
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
