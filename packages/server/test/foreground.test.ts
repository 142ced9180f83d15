/** Calls back: a handler on a pool thread runs a coroutine on the accepting thread. */
import { once } from 'node:events';
import { threadId } from 'node:worker_threads';
import { createServer, type Server } from '@netloom/server';
import { expect, test, vi } from 'vitest';
import { Client, handler, portOf } from './clients.js';

// Threads start slowly on a machine that is busy with other tests.
vi.setConfig({ testTimeout: 60_000 });

function serve(name: string): Promise<Server> {
  return createServer({ port: 0, threads: 1, handler: handler(name) });
}

/** What the coroutine that was called back tells by an event of this process. */
function told(): Promise<unknown[]> {
  return once(process, 'netloom-test');
}

function ask(server: Server, question: string): Client {
  const client = new Client(portOf(server));
  client.socket.end(Buffer.from(question, 'utf16le'));
  return client;
}

test.each(['callingBack', 'callingBackGenerator'])(
  'foreground() in a handler runs on the accepting thread, and its result comes back: %s',
  async (name) => {
    await using server = await serve(name);
    const served = once(server, 'served');
    await ask(server, 'who?').ended;
    const [, result] = await served;
    expect(result).toMatchObject({ answer: { question: 'who?', threadId } });
    expect(result.askedOn).not.toBe(threadId);
  },
);

test('what a called coroutine throws is thrown in the handler', async () => {
  await using server = await serve('callingBack');
  const failed = once(server, 'connection-error');
  await ask(server, 'fail').ended;
  const [error] = await failed;
  expect(error).toBeInstanceOf(RangeError);
  expect(error).toMatchObject({ message: 'no answer' });
});

test('a handler that is no coroutine is refused, and the error says where a result goes', async () => {
  await using server = await serve('callingBackAsync');
  const failed = once(server, 'connection-error');
  await new Client(portOf(server)).ended;
  const [error] = await failed;
  expect(error).toMatchObject({
    code: 'ERR_HOP_BACK',
    message: expect.stringMatching(/return the value.*event 'served'/),
  });
});

test('a handler that gives its call up stops it, and ends', async () => {
  await using server = await serve('givingUpACall');
  const running = told();
  const client = new Client(portOf(server));
  expect(await running).toEqual(['runs']);
  const stopped = told();
  client.socket.end(Buffer.from('enough', 'utf16le'));
  expect(await stopped).toEqual(['stopped']);
  await client.ended;
  expect(await server.drain()).toMatchObject({ accepted: 1, served: 1, live: 0 });
});

test('a call is stopped with its connection, when a drain cuts that', async () => {
  await using server = await serve('callingForEver');
  const running = told();
  const client = new Client(portOf(server));
  expect(await running).toEqual(['runs']);
  const stopped = told();
  const report = await server.drain({ timeoutMs: 0 });
  expect(await stopped).toEqual(['stopped']);
  expect(report).toMatchObject({ accepted: 1, aborted: 1, live: 0, cut: [{}] });
  await client.ended;
});

test('who waits for a call that the handler has left behind is told that nobody answers', async () => {
  await using server = await serve('leavingOneCall');
  for (const question of ['leave', 'look']) {
    const served = once(server, 'served');
    await ask(server, question).ended;
    const [, result] = await served;
    expect(result).toEqual(
      question === 'leave'
        ? []
        : ['CanceledError: canceled: the coroutine that called foreground() has ended'],
    );
  }
});

test('a call is stopped when the thread of its handler is lost', async () => {
  await using server = await serve('dyingInACall');
  const lost = once(server, 'thread-lost');
  const failed = once(server, 'connection-error');
  const running = told();
  const client = new Client(portOf(server));
  expect(await running).toEqual(['runs']);
  const stopped = told();
  client.socket.end(Buffer.from('die', 'utf16le'));
  expect(await stopped).toEqual(['stopped']);
  const [error] = await failed;
  expect(error).toMatchObject({ code: 'ERR_TASK_THREAD_LOST' });
  await Promise.all([lost, client.ended]);
});
