import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { run } from './run-process.js';
import { SmallTree } from './small-tree.js';

const HERE = { cwd: '.', timeoutMs: 30_000 };

/** Looks again until it is so; a test that waits for nothing is ended by its own limit. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await sleep(10);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // A process that has ended and that nobody has asked about is no longer alive either.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

it('run() gives what was printed, and how it ended when not with 0', async () => {
  expect(await run('sh', ['-c', 'cat; echo b >&2'], { ...HERE, input: 'a' })).toEqual({
    stdout: 'a',
    stderr: 'b\n',
    end: undefined,
  });
  expect((await run('sh', ['-c', 'exit 3'], HERE)).end).toBe('ended with exit code 3');
  expect((await run('sh', ['-c', 'kill -TERM $$'], HERE)).end).toBe('ended by SIGTERM');
  await expect(run('no-such-program', [], HERE)).rejects.toThrow('ENOENT');
});

it.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  'run() leaves nothing behind when this process ends by %s',
  async (signal) => {
    const module = JSON.stringify(new URL('./run-process.ts', import.meta.url).href);
    using tree = new SmallTree({
      'package.json': { type: 'module' },
      'main.ts': `import { run } from ${module};
await run('sh', ['-c', 'sleep 60 & echo $! >pid.new; mv pid.new pid; wait'], { cwd: '.', timeoutMs: 60_000 });`,
    });
    const main = spawn(process.execPath, ['--import', 'tsx', 'main.ts'], { cwd: tree.root });
    const file = join(tree.root, 'pid');
    await until(() => existsSync(file));
    const pid = Number(readFileSync(file, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    main.kill(signal);
    expect(await once(main, 'exit')).toEqual([null, signal]);
    await until(() => !isAlive(pid));
  },
);
