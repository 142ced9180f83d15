/** What a pool means for its process: what keeps it alive, what it costs idle, how it is started. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROGRAMS = fileURLToPath(new URL('./fixtures/programs.mjs', import.meta.url));
const HERE = fileURLToPath(new URL('.', import.meta.url));

interface Run {
  readonly code: number | null;
  readonly signal: string | null;
  readonly out: string;
  readonly err: string;
}

/** Runs Node to its end; one that does not end by itself is killed, and `signal` says so. */
function node(...args: string[]): Promise<Run> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      args,
      { cwd: HERE, timeout: 25_000, env: { ...process.env, NODE_OPTIONS: '' } },
      (_, out, err) =>
        resolve({ code: child.exitCode, signal: child.signalCode, out: out.trim(), err }),
    );
  });
}

const ended = { code: 0, signal: null, err: '' };

describe('the process', () => {
  it('ends by itself while an idle pool is open', async () => {
    expect(await node(PROGRAMS, 'idle')).toEqual({ ...ended, out: 'done' });
  });

  it('ends by itself also when somebody hears what the threads write', async () => {
    expect(await node(PROGRAMS, 'heard')).toEqual({ ...ended, out: 'stderr HELLO, stdout hello' });
  });

  it('stays alive while a task has not settled', async () => {
    expect(await node(PROGRAMS, 'pending')).toEqual({ ...ended, out: 'settled' });
  });

  it('has no thread and no port left after close', async () => {
    expect(await node(PROGRAMS, 'closed')).toEqual({ ...ended, out: 'closed []' });
  });

  it('spends no CPU on an idle pool', async () => {
    const { out } = await node(PROGRAMS, 'cpu');
    expect(Number(out)).toBeLessThan(25);
  });

  it('holds no task that has ended', async () => {
    const { out } = await node('--expose-gc', PROGRAMS, 'held');
    expect(out).toBe('2 0 few');
  });

  it('exits with its own code although a task blocks a thread', async () => {
    expect(await node(PROGRAMS, 'exit')).toEqual({ ...ended, code: 3, out: '' });
  });

  it('hears of a rejection that nobody handles, as of every other', async () => {
    const { code, err } = await node(PROGRAMS, 'unhandled');
    expect(code).toBe(1);
    expect(err).toContain('task.value: a function cannot cross');
  });

  it('need not hold the pool for its tasks to settle', async () => {
    expect(await node('--expose-gc', PROGRAMS, 'forgotten')).toEqual({ ...ended, out: 'true' });
  });
});

describe('a task declared in the entry module', () => {
  const refusal =
    /^ERR_TASK_ENTRY_MODULE Declared is declared in the program's entry module file:.*programs\.mjs, which would start again on every thread: move it to a module of its own and import it$/;

  it('is refused, and so is a function', async () => {
    const { out } = await node(PROGRAMS, 'entry');
    const lines = out.split('\n');
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(refusal);
  });

  it('is refused as a threadModule and as the class of an instance; an error crosses without it', async () => {
    const { out } = await node(PROGRAMS, 'entryElsewhere');
    const [asModule, asClass, ...rest] = out.split('\n');
    expect(asModule).toMatch(/^ERR_TASK_ENTRY_MODULE threadModule is the program's entry module/);
    expect(asClass).toMatch(new RegExp(refusal.source.replace('Declared', 'DeclaredParcel')));
    expect(rest).toEqual(['1', 'DeclaredError arrives']);
  });

  it('is refused also when the program is started through a link', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'netloom-'));
    try {
      await symlink(PROGRAMS, join(folder, 'link.mjs'));
      const { out } = await node(join(folder, 'link.mjs'), 'entry');
      for (const line of out.split('\n')) expect(line).toMatch(refusal);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('threads start', () => {
  const program = `import { ThreadPool } from '@netloom/threadpool';
    import { Echo } from '${new URL('./fixtures/tasks.mjs', import.meta.url).href}';
    const pool = new ThreadPool(2);
    console.log(await pool.addTask(new Echo('works')));
    await pool.close();`;

  it.each([
    ['text on the command line', ['--input-type=module', '--eval', program]],
    ['the same with the flag in two parts', ['--input-type', 'module', '-e', program]],
    [
      'flags of V8',
      ['--expose-gc', '--max-old-space-size=500', '--input-type=module', '-e', program],
    ],
    [
      'a preloaded module',
      ['--import', 'data:text/javascript,', '--input-type=module', '-e', program],
    ],
  ])('from a program that is %s', async (_, args) => {
    expect(await node(...args)).toEqual({ ...ended, out: 'works' });
  });
});

describe('tasks in TypeScript run without a build step', () => {
  const MAIN = fileURLToPath(new URL('./fixtures/typescript/main.ts', import.meta.url));
  // Node strips types by itself from 22.18 on; `process.features.typescript` says so.
  const stripsTypes = 'typescript' in process.features && process.features.typescript !== false;
  const loader = new URL('./fixtures/typescript/loader.mjs', import.meta.url).href;
  const ways: [string, string[]][] = [['a loader, which threads inherit', ['--import', loader]]];
  if (stripsTypes) ways.push(['Node’s own type stripping', ['--no-warnings']]);

  it.each(ways)('by %s', async (_, flags) => {
    expect(await node(...flags, MAIN)).toEqual({ ...ended, out: '25 8' });
  });
});
