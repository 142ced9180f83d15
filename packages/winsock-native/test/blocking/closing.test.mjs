/**
 * Closing a number: never waits where an event loop runs, wakes at once who waits on it, and happens once.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { client, constants, fill, must, native, pair, unixPair, VERSION } from '../addon.mjs';
import { blockedOnThread } from './threads.mjs';

const LIMIT_MS = 20_000;
const RACE_MS = Number(process.env.NETLOOM_RACE_MS ?? 1500);

beforeAll(() => {
  native.startup(VERSION);
});
afterAll(() => {
  native.cleanup();
});

function setLinger(handle, seconds) {
  const bytes = native.optionCodecs.linger.pack({ l_onoff: 1, l_linger: seconds });
  const { SOL_SOCKET, SO_LINGER } = constants;
  must('setsockopt', native.setsockopt(handle, SOL_SOCKET, SO_LINGER, bytes, bytes.length));
}

describe('an owned close does not wait where SO_LINGER was', () => {
  const cases = ['a time without end', 'from elsewhere', 'accepted from a listener that had it'];
  test.each(cases)('%s', { timeout: LIMIT_MS }, (name) => {
    const fixture = fileURLToPath(new URL('./closing.mjs', import.meta.url));
    const life = spawnSync(process.execPath, [fixture, name], {
      encoding: 'utf8',
      timeout: 10_000,
    });
    expect(life).toMatchObject({ status: 0, signal: null, stderr: '' });
    expect(Number(life.stdout)).toBeLessThan(1000);
  });
});

describe('closesocket', () => {
  test('that lingers wakes first who waits on the socket', { timeout: LIMIT_MS }, async () => {
    const { near, far } = pair();
    setLinger(near, 2);
    fill(near);
    const reader = await blockedOnThread({ call: 'recv', handle: near });
    const closer = await blockedOnThread({ call: 'closesocket', handle: near });
    const ended = [];
    const note = (name) => (outcome) => {
      ended.push(name);
      return outcome;
    };
    const [read, closed] = await Promise.all([
      reader.outcome.then(note('recv')),
      closer.outcome.then(note('closesocket')),
    ]);
    expect(read).toMatchObject({ result: -1, error: 10004 });
    expect(closed).toMatchObject({ result: 0 });
    expect(ended).toEqual(['recv', 'closesocket']);
    await Promise.all([reader.exit, closer.exit]);
    native.closesocket(far);
  });

  test('that lingers has closed the number for everybody else', { timeout: LIMIT_MS }, async () => {
    const { near, far } = pair();
    setLinger(near, 1);
    fill(near);
    const { outcome, exit } = await blockedOnThread({ call: 'closesocket', handle: near });
    expect(native.closesocket(near)).toBe(-1);
    expect(native.lastError()).toBe(10038);
    expect(await outcome).toMatchObject({ result: 0 });
    await exit;
    native.closesocket(far);
  });

  test('that lingers ends when the peer resets', { timeout: LIMIT_MS }, async () => {
    const { near, far } = pair();
    setLinger(near, 60);
    fill(near);
    const { outcome, exit } = await blockedOnThread({ call: 'closesocket', handle: near });
    native.closesocket(far); // with unread bytes: a reset
    expect(await outcome).toMatchObject({ result: 0 });
    await exit;
  });

  test('does not linger on a Unix socket, as the kernel does not', { timeout: LIMIT_MS }, () => {
    const { near, far } = unixPair();
    setLinger(near, 2);
    fill(near);
    const begin = performance.now();
    expect(native.closesocket(near)).toBe(0);
    expect(performance.now() - begin).toBeLessThan(1000);
    native.closesocket(far);
  });
});

describe('while another thread closes the number', () => {
  let cells;
  let exited;
  let seed = 1;
  const random = (below) => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return (seed >>> 8) % below;
  };

  beforeAll(() => {
    cells = new Int32Array(new SharedArrayBuffer(16));
    const worker = new Worker(new URL('./race-worker.mjs', import.meta.url), {
      workerData: { cells },
    });
    exited = new Promise((resolve) => worker.once('exit', resolve));
  });
  afterAll(async () => {
    Atomics.store(cells, 0, 2);
    await exited;
  });

  /** Lets the other thread close `handle` while `meanwhile` runs here; what closesocket gave over there. */
  function race(handle, looks, meanwhile) {
    cells[1] = handle;
    cells[2] = looks;
    Atomics.store(cells, 0, 1);
    meanwhile();
    while (Atomics.load(cells, 0) !== 0);
    return cells[3];
  }

  test('closesocket succeeds on one of the two threads', { timeout: LIMIT_MS }, () => {
    const results = { once: 0, twice: 0, never: 0 };
    for (const end = performance.now() + RACE_MS; performance.now() < end; ) {
      const handle = client();
      let here = -1;
      const there = race(handle, random(150), () => {
        for (let i = random(150); i > 0; i--) Atomics.load(cells, 0);
        here = native.closesocket(handle);
      });
      results[['never', 'once', 'twice'][(here === 0) + (there === 0)]]++;
    }
    expect(results).toMatchObject({ twice: 0, never: 0 });
    expect(results.once).toBeGreaterThan(0);
  });

  test('a watch begins before it and hears of it, or is refused', {
    timeout: LIMIT_MS,
  }, async () => {
    const seen = { heard: 0, refused: 0, deaf: 0 };
    const slots = new Set();
    const batch = native.reactorOpen((count) => {
      for (let i = 0; i < count; i++) if (batch[i * 2 + 1] & 16) slots.delete(batch[i * 2]);
    });
    const out = new Uint32Array(2);
    // On a machine with other work one side may win every race of that time.
    const [end, last] = [performance.now() + RACE_MS, performance.now() + LIMIT_MS / 2];
    const isShown = () => seen.heard > 0 && seen.refused > 0;
    for (let now = 0; now < end || (!isShown() && now < last); now = performance.now()) {
      const handle = native.sockCreate(constants.AF_INET, constants.SOCK_STREAM, 0, out);
      let added = -1;
      race(handle, random(120), () => {
        added = native.reactorAdd(handle, out[0], 1);
      });
      if (added < 0) {
        seen.refused++;
        continue;
      }
      slots.add(1);
      for (let turns = 0; slots.size > 0 && turns < 20; turns++) {
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (slots.size === 0) seen.heard++;
      else seen.deaf++;
      if (seen.deaf > 0) break; // the slot is taken for good
    }
    expect(seen.deaf).toBe(0);
    expect(seen.heard).toBeGreaterThan(0);
    expect(seen.refused).toBeGreaterThan(0);
  });
});
