import { expect, test } from 'vitest';
import { Program } from './program.js';

interface Report {
  ok: boolean;
  faults: string[];
  clients: {
    client: number;
    message: string;
    servedOn: { threadId: number; kernelThreadId: number };
    acceptedOn: { threadId: number; kernelThreadId: number };
    isInKernelList: boolean;
  }[];
  ledger: { accepted: number; served: number; live: number };
}

async function demo(
  ...args: string[]
): Promise<{ report: Report; code: number | null; pid: number }> {
  await using program = Program.demo('--port', '0', '--json', ...args);
  const { code, out } = await program.ended;
  return { report: JSON.parse(out), code, pid: program.child.pid ?? 0 };
}

test('three clients are served on three pool threads, none of them the main thread', async () => {
  const { report, code, pid } = await demo();
  expect(report.faults).toEqual([]);
  expect(code).toBe(0);
  expect(report.clients.map((one) => one.message)).toEqual(['ThisIs1', 'ThisIs2', 'ThisIs3']);
  expect(new Set(report.clients.map((one) => one.servedOn.threadId)).size).toBe(3);
  expect(new Set(report.clients.map((one) => one.servedOn.kernelThreadId)).size).toBe(3);
  for (const one of report.clients) {
    // The main thread's kernel id is the process id: gettid(2).
    expect(one.acceptedOn).toEqual({ threadId: 0, kernelThreadId: pid });
    expect(one.servedOn.threadId).not.toBe(0);
    expect(one.servedOn.kernelThreadId).not.toBe(pid);
    expect(one.isInKernelList).toBe(true);
  }
  expect(report.ledger).toMatchObject({ accepted: 3, served: 3, live: 0 });
});

test('more clients than threads are all served, on every thread there is', async () => {
  const { report, code } = await demo('--clients', '8', '--threads', '2');
  expect(report.faults).toEqual([]);
  expect(code).toBe(0);
  expect(new Set(report.clients.map((one) => one.servedOn.threadId)).size).toBe(2);
});

test('the text form prints what the tutorial prints, and a summary', async () => {
  await using program = Program.demo('--port', '0');
  const { code, out } = await program.ended;
  expect(code).toBe(0);
  expect(out.match(/^client address: 127\.0\.0\.1, port: \d+$/gm)).toHaveLength(3);
  expect(out.match(/^ThisIs[123]$/gm)?.sort()).toEqual(['ThisIs1', 'ThisIs2', 'ThisIs3']);
  expect(out).toMatch(/3 of 10 pool threads used; 3 accepted, 3 served/);
  expect(out).toMatch(/every byte was right/);
});
