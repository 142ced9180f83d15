import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';

/** Ten times what one takes behind a sanitizer's runtime: V8 gives nothing back at an exception, and the report takes 15 s. */
const LIMIT_MS = 150_000;
vi.setConfig({ testTimeout: LIMIT_MS });

interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

/**
 * Runs a program of `children.mjs`; `onLine` may talk to it. Where that fails the end is by a signal. `limit`: a command
 * of the shell that becomes the program.
 */
function run(
  program: string,
  onLine?: (line: string, child: ChildProcess) => void | Promise<void>,
  limit?: string,
): Promise<Ended> {
  const script = fileURLToPath(new URL('./children.mjs', import.meta.url));
  const child =
    limit === undefined
      ? spawn(process.execPath, [script, program])
      : spawn('sh', ['-c', `${limit} && exec "$0" "$@"`, process.execPath, script, program]);
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS - 5000);
  let out = '';
  let err = '';
  child.stdout.on('data', (bytes) => {
    out += bytes;
    // A promise even of what throws at once: its message joins what the program has said.
    Promise.resolve(String(bytes))
      .then((line) => onLine?.(line, child))
      .catch((error: unknown) => {
        err += String(error);
        child.kill('SIGKILL');
      });
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

/** Resolves when the process sleeps in its event loop; the caller's time limit ends what never does. */
async function untilInEventLoop({ pid }: ChildProcess): Promise<void> {
  if (process.platform === 'win32') return; // nothing tells
  // The kernel's name of the function: ep_poll, do_epoll_wait. A process that has ended has none: reading then throws.
  while (!/ep_poll|epoll_wait/.test(readFileSync(`/proc/${pid}/wchan`, 'utf8'))) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Connects, and stays connected until the other side ends. */
function connectOnce(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = createConnection(port, '127.0.0.1');
    client.on('error', reject);
    client.on('close', () => resolve());
    // Read, so that the end is seen and the descriptor goes.
    client.resume();
  });
}

test('a first watch without descriptors left says so, and a later one works', async () => {
  const ended = await run('out-of-descriptors', undefined, 'ulimit -n 64');
  expect(ended).toEqual({
    code: 0,
    signal: null,
    out: 'SocketError EMFILE watch\nwatched\n',
    err: '',
  });
});

describe('the event loop', () => {
  test('is not kept alive by an idle open socket', async () => {
    expect(await run('idle')).toEqual({ code: 0, signal: null, out: 'idle\n', err: '' });
  });

  test('is kept alive by a pending wait, and let go when it is over', async () => {
    // The process lives until somebody connects: we do, once its program has ended and only the wait can keep it.
    const ended = await run('pending', async (line, child) => {
      if (!/^\d+/.test(line)) return;
      await untilInEventLoop(child);
      await connectOnce(Number(line));
    });
    expect(ended).toMatchObject({ code: 0, signal: null, err: '' });
    expect(ended.out).toMatch(/^\d+\naccepted\n$/);
  });

  test('is let go by a cancelled wait', async () => {
    expect(await run('cancelled')).toEqual({ code: 0, signal: null, out: 'cancelled\n', err: '' });
  });

  test('an exception in one wake does not lose the others, and surfaces as uncaught', async () => {
    const { out, ...ended } = await run('throwing');
    expect(ended).toEqual({ code: 0, signal: null, err: '' });
    expect(out.trim().split('\n').sort()).toEqual(['uncaught of the first', 'wake 0', 'wake 1']);
  });

  test('an exception that nobody hears ends the process as Node does', async () => {
    const { code, signal, err } = await run('throwing-unheard');
    expect({ code, signal }).toEqual({ code: 1, signal: null });
    expect(err).toContain('unheard');
  });
});
