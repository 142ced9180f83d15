import { ThreadPool } from '@netloom/threadpool';
import { expect, test, vi } from 'vitest';
import { socketCount } from '../test/clients.js';
import { createServer } from './server.js';

vi.mock('@netloom/threadpool', () => ({ ThreadPool: vi.fn() }));

test('a pool that cannot be made leaves no bound socket behind', async () => {
  vi.mocked(ThreadPool).mockImplementation(function noMemory() {
    throw new RangeError('no thread to be had');
  });
  const before = socketCount();
  const handler = {
    module: new URL('../test/fixtures/handlers.mjs', import.meta.url),
    export: 'echo',
  };
  await expect(createServer({ port: 0, handler })).rejects.toThrow('no thread to be had');
  expect(ThreadPool).toHaveBeenCalledOnce();
  expect(socketCount()).toBe(before);
});
