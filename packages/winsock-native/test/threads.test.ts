import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { inet_pton } from '@netloom/sockaddr';
import {
  GetCurrentThreadId,
  WSACleanup,
  WSADATA,
  WSAGetLastError,
  WSASetLastError,
  WSAStartup,
} from '@netloom/winsock-native';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

interface Said {
  before: number;
  result: number;
  failed: number;
  family: number;
  afterFamily: number;
  threadId: number;
}

beforeAll(() => {
  expect(WSAStartup(0x202, new WSADATA())).toBe(0);
});
afterAll(() => {
  WSACleanup();
});

async function inWorker(): Promise<Said> {
  const worker = new Worker(new URL('./last-error-worker.mjs', import.meta.url));
  const [said] = await once(worker, 'message');
  await once(worker, 'exit');
  return said;
}

describe('threads', () => {
  test("the last error is each thread's own, and start-up is the process'", async () => {
    WSASetLastError(4711);
    expect(await inWorker()).toMatchObject({ before: 0, result: -1, failed: 10038 });
    expect(WSAGetLastError()).toBe(4711);
  });

  test("sockaddr's functions leave their error there too, in each thread", async () => {
    WSASetLastError(0);
    expect(inet_pton(77, '1.2.3.4', new Uint8Array(4))).toBe(-1);
    expect(WSAGetLastError()).toBe(10047);
    expect(inet_pton(2, 'no address', new Uint8Array(4))).toBe(0);
    expect(WSAGetLastError()).toBe(10047);
    expect(await inWorker()).toMatchObject({ family: -1, afterFamily: 10047 });
  });

  test.runIf(process.platform === 'linux')(
    "GetCurrentThreadId() is the kernel's id, as its list of this process' threads has it",
    async () => {
      const mine = GetCurrentThreadId();
      expect(mine).toBe(process.pid);
      const before = readdirSync('/proc/self/task').map(Number);
      expect(before).toContain(mine);
      const { threadId } = await inWorker();
      expect(before).not.toContain(threadId);
      expect(threadId).toBeGreaterThan(0);
    },
  );
});
