/** Look-ups that take long: nobody waits for them who does not want to, and nobody is kept. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

/** Ten times what a life takes on a machine with other work. */
const LIMIT_MS = 60_000;
const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const compiler = process.env.CXX || 'g++';
const isPossible = process.platform === 'linux' && spawnSync(compiler, ['--version']).status === 0;

let library;
let folder;
const compiled = mkdtempSync(join(tmpdir(), 'netloom-'));
const hold = () => join(folder, 'hold');
const held = () => join(folder, 'held');

beforeAll(() => {
  if (!isPossible) return;
  library = join(compiled, 'held.so');
  const args = ['-shared', '-fPIC', '-O1', '-Wall', '-o', library, path('./held.cc')];
  // Not behind a sanitizer's runtime, which would report what the compiler and its linker leak.
  const env = { ...process.env, LD_PRELOAD: '' };
  expect(spawnSync(compiler, args, { encoding: 'utf8', env })).toMatchObject({ status: 0 });
  return () => rmSync(compiled, { recursive: true });
});

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netloom-'));
  spawnSync('mkfifo', [hold()]);
});
afterEach(() => rmSync(folder, { recursive: true }));

function life(what) {
  const LD_PRELOAD = [process.env.LD_PRELOAD, library].filter(Boolean).join(':');
  const env = { ...process.env, LD_PRELOAD, NETLOOM_HOLD: hold(), NETLOOM_HELD: held() };
  return [process.execPath, [path('./held.mjs'), what], { env, timeout: LIMIT_MS - 5000 }];
}

function seen(what) {
  const [command, args, options] = life(what);
  const { status, signal, stdout, stderr } = spawnSync(command, args, {
    ...options,
    encoding: 'utf8',
  });
  expect({ status, signal, stderr }).toEqual({ status: 0, signal: null, stderr: '' });
  return JSON.parse(stdout);
}

describe.skipIf(!isPossible)('a look-up under way', () => {
  test('does not hold up process.exit()', { timeout: LIMIT_MS }, () => {
    const { status, signal } = spawnSync(...life('exit'));
    expect({ status, signal }).toEqual({ status: 7, signal: null });
  });

  test('keeps the process until it is answered', { timeout: LIMIT_MS }, async () => {
    const child = spawn(...life('answer'));
    let said = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
    });
    const ended = once(child, 'close');
    let isOver = false;
    ended.then(() => {
      isOver = true;
    });
    while (!isOver && statSync(held(), { throwIfNoEntry: false })?.size !== 1) await turn();
    // Open for both: waits for nobody, and is a writer.
    const writer = openSync(hold(), constants.O_RDWR);
    try {
      expect(await ended).toEqual([0, null]);
    } finally {
      closeSync(writer);
    }
    expect(JSON.parse(said)).toEqual(['127.0.0.1:7']);
  });

  test('is over at once for who stops it, and keeps nothing then', { timeout: LIMIT_MS }, () => {
    expect(seen('stop')).toEqual([
      'enough',
      'getaddrinfo of "held.test": timed out (ETIMEDOUT, 10060), timeoutMs of 20 passed',
    ]);
  });

  test('has at most 15 others beside it, and holds up no file', { timeout: LIMIT_MS }, () => {
    expect(seen('cap')).toEqual({ most: 16, dropped: 8, questions: 17, hasRead: true });
  });

  test('does not hold up the end of a worker, nor outlive the addon', { timeout: LIMIT_MS }, () => {
    expect(seen('worker')).toEqual({ code: 1 });
  });
});
