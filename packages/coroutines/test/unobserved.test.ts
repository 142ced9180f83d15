/** Errors that nobody waits for, each in a process of its own. */
import { execFile } from 'node:child_process';
import { expect, it } from 'vitest';

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a module's text in a fresh process. */
function run(body: string): Promise<Ended> {
  const source = `import { coroutine, fireAndForget, getProgressToken, ManualResetEvent, resource, resumeAfter, Scope, scope } from '${import.meta.resolve('@netloom/coroutines')}';\n${body}`;
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      ['--input-type=module', '--eval', source],
      { timeout: 20_000 },
      (_, stdout, stderr) => resolve({ code: child.exitCode, stdout, stderr }),
    );
  });
}

const FAIL = `
  const fail = coroutine(function* () { yield* resumeAfter(1); throw new RangeError('nobody looks'); });
  const failAsync = coroutine(async () => { await resumeAfter(1); throw new RangeError('nobody looks'); });
`;

it('an error that nobody waits for ends the process, as an unhandled rejection does', async () => {
  for (const name of ['fail', 'failAsync']) {
    const { code, stderr } = await run(`${FAIL} ${name}();`);
    expect(code).toBe(1);
    expect(stderr).toContain('RangeError: nobody looks');
  }
});

it('with a handler for it the process goes on, and so do the other coroutines', async () => {
  const { code, stdout } = await run(`${FAIL}
    const told = new ManualResetEvent();
    process.on('unhandledRejection', (error) => { console.log('told:', error.message); told.set(); });
    const other = coroutine(function* () { yield* told.wait(); console.log('other goes on'); });
    other(); fail();
  `);
  expect([code, stdout]).toEqual([0, 'told: nobody looks\nother goes on\n']);
});

it('an error that is looked at in the same turn is nobody’s surprise', async () => {
  const { code, stdout, stderr } = await run(`
    const fail = coroutine(function* () { throw new Error('at once'); });
    try { await fail(); } catch (error) { console.log('caught', error.message); }
    const byHandler = fail(); byHandler.completed = (_, status) => console.log(status);
    const byCode = fail(); console.log(byCode.errorCode.message);
    const waiter = coroutine(function* () { try { yield* fail(); } catch (error) { console.log('waiter', error.message); } });
    await waiter();
    await scope(function* (s) { s.spawn(fail); }).then(undefined, (error) => console.log('scope', error.message));
  `);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'caught at once',
    'Error',
    'at once',
    'waiter at once',
    'scope at once',
    '',
  ]);
});

it('a cancelled coroutine that nobody waits for is silent', async () => {
  const { code, stderr } = await run(`
    const work = coroutine(function* () { yield* resumeAfter(1e8); });
    work().cancel();
  `);
  expect([code, stderr]).toEqual([0, '']);
});

it('an error in a completed handler is an uncaught exception, and disturbs nobody else', async () => {
  const { code, stdout } = await run(`
    process.on('uncaughtException', (error) => console.log('told:', error.message));
    const work = coroutine(function* () { yield* resumeAfter(1); return 5; });
    const action = work();
    action.completed = () => { throw new Error('handler'); };
    console.log(await action);
  `);
  expect(code).toBe(0);
  expect(stdout.split('\n').sort()).toEqual(['', '5', 'told: handler']);
});

it('a coroutine declared in the program’s entry module is refused at the launch', async () => {
  const { mkdtempSync, rmSync, writeFileSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const { join } = await import('node:path');
  const folder = mkdtempSync(join(tmpdir(), 'netloom-entry-'));
  writeFileSync(
    join(folder, 'main.mjs'),
    `import { coroutine, resumeBackground, setBgEntry } from '${import.meta.resolve('@netloom/coroutines')}';
    setBgEntry(() => { throw new Error('not reached'); });
    export const work = coroutine(import.meta.url, 'work', function* () { yield* resumeBackground(); });
    await work().then(undefined, (error) => console.log(error.code, error.message));`,
  );
  try {
    const { stdout } = await new Promise<Ended>((resolve) => {
      const child = execFile(process.execPath, [join(folder, 'main.mjs')], (_, stdout, stderr) =>
        resolve({ code: child.exitCode, stdout, stderr }),
      );
    });
    expect(stdout).toMatch(/^ERR_HOP_ENTRY_MODULE .*module of its own/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('an error of what was fired and forgotten is an unhandled rejection, which a program may catch', async () => {
  const { code, stdout } = await run(`${FAIL}
    process.on('unhandledRejection', (error) => console.log('told:', error.message));
    fireAndForget(fail());
    fireAndForget(failAsync(), (error) => console.log('handler:', error.message));
    await resumeAfter(20); console.log('went on');
  `);
  expect([code, stdout.split('\n').sort()]).toEqual([
    0,
    ['', 'handler: nobody looks', 'told: nobody looks', 'went on'],
  ]);
});

it('an error in a progress handler is an uncaught exception, and does not disturb the coroutine', async () => {
  const { code, stdout } = await run(`
    process.on('uncaughtException', (error) => console.log('told:', error.message));
    const work = coroutine(function* () { const tell = getProgressToken(); yield* resumeAfter(0); tell(1); return 'went on'; });
    const action = work();
    action.progress = () => { throw new Error('in the handler'); };
    console.log(await action);
  `);
  expect([code, stdout]).toEqual([0, 'told: in the handler\nwent on\n']);
});

it('a resource that fails while it is open, and that nobody closes, is an unhandled rejection', async () => {
  const { code, stderr } = await run(`
    const flaky = resource(function* (provide) { provide('it').then(undefined, () => {}); yield* resumeAfter(1); throw new RangeError('broke'); });
    const open = await flaky.open();
    await resumeAfter(20); console.log(open.value);
  `);
  expect(code).toBe(1);
  expect(stderr).toContain('RangeError: broke');
});
