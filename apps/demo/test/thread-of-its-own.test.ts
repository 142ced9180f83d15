/** Stage 10's background entry: what a coroutine on a thread of its own gives back, and what becomes of what it was given. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { connectTcp } from '@netloom/client';
import { isCanceledError, setBgEntry } from '@netloom/coroutines';
import { SockaddrIn } from '@netloom/sockaddr';
import { GetCurrentThreadId } from '@netloom/winsock-native';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describe, fails, waits, where } from './fixtures/hop-work.mjs';

type Entry = typeof import('../stages/shared/thread-of-its-own.js');

// Built, because its thread starts the file beside it.
const BUILT = new URL('../dist/stages/shared/thread-of-its-own.js', import.meta.url).href;
// SAFETY: the build of this very file.
const { runOnThreadOfItsOwn } = (await import(BUILT)) as Entry;

beforeEach(() => {
  setBgEntry((resumption) => runOnThreadOfItsOwn(resumption));
});
afterEach(() => {
  setBgEntry(undefined);
});

test('each coroutine runs on a new thread, which has ended when its result is here', async () => {
  const places = await Promise.all([where(), where()]);
  const ids = places.map(({ kernelId }) => kernelId);
  expect(new Set([...ids, GetCurrentThreadId()]).size).toBe(3);
  const left = readdirSync('/proc/self/task').map(Number);
  expect(left.filter((id) => ids.includes(id))).toEqual([]);
});

test('an address crosses as what it is', async () => {
  const { text } = await describe(SockaddrIn.from({ address: '127.0.0.1', port: 7 }), []);
  expect(text).toBe('SockaddrIn 127.0.0.1:7');
});

test('an error arrives with its message, its fields and its cause', async () => {
  const error: unknown = await fails().then(undefined, (reason) => reason);
  expect(error).toBeInstanceOf(RangeError);
  expect(error).toMatchObject({
    message: 'over there',
    detail: { n: 5 },
    cause: { name: 'TypeError', message: 'deeper' },
  });
});

test('a cancellation arrives over there, and the end waits for its finally', async () => {
  const flags = new Int32Array(new SharedArrayBuffer(4));
  const action = waits(flags.buffer);
  while (Atomics.load(flags, 0) !== 1) await new Promise((resolve) => setImmediate(resolve));
  action.cancel();
  const error: unknown = await action.then(undefined, (reason) => reason);
  expect(isCanceledError(error)).toBe(true);
  expect(action.status).toBe('Canceled');
  expect(Atomics.load(flags, 0)).toBe(2);
});

test.each([
  ['nobody exports the coroutine', [], /no coroutine exported as 'nobody'/],
  ['the thread cannot be given its arguments', [() => 1], /could not be cloned/],
])('a socket is closed although the coroutine never ran: %s', async (_, more, message) => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = SockaddrIn.from(portOf(server.address()));
  const accepted = once(server, 'connection');
  const socket = (await connectTcp({ host: '127.0.0.1', port })).detach();
  const [peer] = await accepted;
  const ended = once(peer.resume(), 'end');

  const module = new URL('./fixtures/hop-work.mjs', import.meta.url).href;
  const resumption = { module, exportName: 'nobody', args: [socket, ...more], context: undefined };
  await expect(runOnThreadOfItsOwn(resumption)).rejects.toThrow(message);
  await ended;
  peer.destroy();
  server.close();
});

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>) {
  if (address === null || typeof address === 'string') throw new Error('not a TCP server');
  return { address: address.address, port: address.port };
}
