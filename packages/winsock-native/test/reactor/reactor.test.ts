import { spawn } from 'node:child_process';
import { createConnection } from 'node:net';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { describe, expect, test } from 'vitest';
// @ts-expect-error: a plain module without types, so that a worker and other runners can load it
import { cases } from './cases.mjs';

// SAFETY: that is what the module exports; see its header.
const promises = cases as Record<string, () => Promise<void>>;

describe('the reactor on the main thread', () => {
  for (const [promise, run] of Object.entries(promises)) test(promise, run, 30_000);
});

describe('the reactor in a worker', () => {
  for (const promise of Object.keys(promises)) {
    test(promise, async () => {
      const worker = new Worker(new URL('./worker.mjs', import.meta.url), { workerData: promise });
      const said: unknown[] = [];
      worker.on('message', (message) => said.push(message));
      const code = await new Promise((resolve, reject) => {
        worker.on('error', reject);
        worker.on('exit', resolve);
      });
      expect({ code, said }).toEqual({ code: 0, said: ['done'] });
    }, 30_000);
  }
});

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/** Runs a program of `children.mjs`; `onLine` may talk to it. */
function run(program: string, onLine?: (line: string) => void): Promise<Ended> {
  const child = spawn(process.execPath, [
    fileURLToPath(new URL('./children.mjs', import.meta.url)),
    program,
  ]);
  const timer = setTimeout(() => child.kill('SIGKILL'), 25_000);
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes) => {
    out += bytes;
    onLine?.(String(bytes));
  });
  child.stderr.on('data', (bytes) => {
    err += bytes;
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ code, signal, out, err });
    });
  });
}

describe('the event loop', () => {
  test('is not kept alive by an idle open socket', async () => {
    expect(await run('idle')).toMatchObject({ code: 0, signal: null, out: 'idle\n' });
  }, 30_000);

  test('is kept alive by a pending wait, and let go when it is over', async () => {
    // The process lives until somebody connects: the connection is made by us, after its port was said.
    const ended = await run('pending', (line) => {
      if (/^\d+/.test(line)) createConnection(Number(line), '127.0.0.1').on('error', () => {});
    });
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(ended.out).toMatch(/^\d+\naccepted\n$/);
  }, 30_000);

  test('is let go by a cancelled wait', async () => {
    expect(await run('cancelled')).toMatchObject({ code: 0, signal: null, out: 'cancelled\n' });
  }, 30_000);

  test('an exception in one wake does not lose the others, and surfaces as uncaught', async () => {
    const { code, out } = await run('throwing');
    expect(code).toBe(0);
    expect(out.trim().split('\n').sort()).toEqual(['uncaught of the first', 'wake 0', 'wake 1']);
  }, 30_000);

  test('an exception that nobody hears ends the process as Node does', async () => {
    const { code, signal, err } = await run('throwing-unheard');
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(err).toContain('unheard');
  }, 30_000);
});
