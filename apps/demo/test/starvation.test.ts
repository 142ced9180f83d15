/** Ten silent clients of a pool of ten, and the eleventh: who waits, and on which threads they are. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Program, startServe } from './program.js';

const SILENT = 10;

/** How many threads the kernel lists for a `serve` with a pool of this size. */
async function threadCount(pool: number): Promise<number> {
  const { server } = await startServe('--threads', String(pool));
  await using _ = server;
  return readdirSync(`/proc/${server.child.pid}/task`).length;
}

test('ten silent clients do not starve the eleventh, on the same ten threads; then they finish too', async () => {
  const { server, port } = await startServe('--threads', '10');
  await using _ = server;
  const threadsOf = () => readdirSync(`/proc/${server.child.pid}/task`);
  const threadsBefore = threadsOf();

  const silent = Array.from({ length: SILENT }, () =>
    Program.demo('client', '--port', String(port)),
  );
  try {
    await Promise.all(silent.map((one) => one.printed(/Please input/)));
    expect(server.out.match(/client address/g)).toHaveLength(SILENT);

    await using eleventh = Program.demo('client', '--port', String(port), 'eleventh');
    expect((await eleventh.ended).code).toBe(0);
    await server.printed(/^eleventh /m);
    // All ten are still there: none has ended and none was served.
    expect(silent.every((one) => one.child.exitCode === null)).toBe(true);
    expect(server.out).not.toMatch(/^silent/m);

    for (const [index, one] of silent.entries()) one.write(`silent${index}\n`);
    const ended = await Promise.all(silent.map((one) => one.ended));
    expect(ended.map(({ code }) => code)).toEqual(Array(SILENT).fill(0));

    await Promise.all(
      silent.map((_, index) => server.printed(new RegExp(`^silent${index} `, 'm'))),
    );
    const served = [...server.out.matchAll(/^(\w+) +\(thread (\d+) \(kernel id (\d+)\)\)$/gm)];
    expect(served).toHaveLength(SILENT + 1);
    const pool = new Set(served.map(([, , , kernelId]) => kernelId));
    // The ten silent ones took one thread each; the eleventh shares one of them.
    expect(pool.size).toBe(SILENT);
    const threadsAfter = threadsOf();
    expect([...pool].every((id) => threadsAfter.includes(id ?? ''))).toBe(true);
    // The pool has exactly ten: nine more than a server whose pool has one.
    expect(threadsAfter.length - (await threadCount(1))).toBe(SILENT - 1);
    // No thread was started for the eleventh, nor for anybody else.
    expect(threadsAfter.length).toBe(threadsBefore.length);
  } finally {
    await Promise.all(silent.map((one) => one[Symbol.asyncDispose]()));
  }
});
