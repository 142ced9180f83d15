/** `demo trace`: other commands run, and their calls shown in three forms. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { widthOf } from '../theatre/fold.js';
import { chromeFaults } from './chrome-format.js';
import { DEMO, type Ended, Program } from './program.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'netloom-trace-test-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const STAGE = ['--', 'stage', '3', '--port', '0'];

/** Runs `demo trace`; the folders that it makes for itself lie in ours. */
function start(...args: string[]): Program {
  return new Program(process.execPath, [DEMO, 'trace', ...args], {
    env: { ...process.env, TMPDIR: folder, COLUMNS: '80' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function trace(...args: string[]): Promise<Ended> {
  await using program = start(...args);
  return await program.ended;
}

/** The part of the output that is the trace. */
function callsIn(out: string): string[] {
  const lines = out.split('\n');
  return lines.slice(lines.findIndex((line) => line.startsWith('Socket calls of')));
}

describe('as text', () => {
  test('every call of every process, in the order of time, with arguments, bytes and errors', async () => {
    const { code, out } = await trace(...STAGE);
    expect(code).toBe(0);
    const lines = callsIn(out);
    expect(lines[0]).toMatch(
      /^Socket calls of demo stage 3 --port 0: \d+, by \d process(es)?; 1 gave an error/,
    );
    const text = lines.join('\n');
    expect(text).toMatch(/ server +│ \d+ +│ main \d+\n/);
    expect(text).toMatch(
      /\d\.\d{3} {2}server +main +\d+ µs {2}socket\(AF_INET, SOCK_STREAM, 0\) = \d+\n/,
    );
    expect(text).toMatch(
      /bind\(\d+, 127\.0\.0\.1:0, 16\) = 0\n {11}name {2}02 00 00 00 7f 00 00 01( 00){8}\n/,
    );
    expect(text).toMatch(/ accept\(\d+, addr, 0\)\s+= -1 {2}10014 WSAEFAULT\n/);
    expect(text).toMatch(/ client.* connect\(\d+, 127\.0\.0\.1:\d+, 16\) = 0\n/);
    const times = lines.flatMap((line) => /^ *(\d+\.\d{3}) {2}/.exec(line)?.[1] ?? []).map(Number);
    expect(times.length).toBeGreaterThan(15);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test('fits the terminal', async () => {
    const { out } = await trace(...STAGE);
    const widths = callsIn(out).map(widthOf);
    expect(widths.length).toBeGreaterThan(20);
    expect(Math.max(...widths)).toBeLessThanOrEqual(80);
  });

  test('speaks Chinese, and so does the command', async () => {
    const { code, out } = await trace('--lang', 'zh', ...STAGE);
    expect(code).toBe(0);
    expect(out).toMatch(/第 3 阶段/);
    expect(out).toMatch(/demo stage 3 --port 0 的套接字调用：\d 个进程，共 \d+ 次；1 次返回错误/);
    expect(out).toMatch(/主线程/);
  });

  test('leaves no files behind', async () => {
    await trace(...STAGE);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('for programs', () => {
  test('JSON lines stand alone on standard output', async () => {
    const { code, out, err } = await trace('--format', 'jsonl', ...STAGE);
    expect(code).toBe(0);
    expect(err).toMatch(/Stage 3/);
    const records = out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(new Set(records.map((record) => record.process))).toEqual(new Set(['server', 'client']));
    const failed = records.find((record) => record.error !== undefined);
    expect(failed).toMatchObject({
      call: 'accept',
      process: 'server',
      result: '-1',
      error: { number: 10014, name: 'WSAEFAULT' },
    });
    const starts = records.map(({ startNs }) => BigInt(startNs));
    expect(starts).toEqual(starts.toSorted((a, b) => Number(a - b)));
  });

  test('the Chrome format keeps its rules, with all threads named', async () => {
    const path = join(folder, 'trace.json');
    const { code, out, err } = await trace(
      '--format',
      'chrome',
      '--output',
      path,
      '--',
      'stage',
      '8',
      '--port',
      '0',
    );
    expect(code).toBe(0);
    expect(out).toMatch(/^Stage 8/);
    expect(err).toContain(`calls are in ${path}; open it in https://ui.perfetto.dev`);
    const written: unknown = JSON.parse(readFileSync(path, 'utf8'));
    expect(chromeFaults(written)).toEqual([]);
    // SAFETY: chromeFaults has just found it to be one.
    const { traceEvents } = written as {
      traceEvents: { ph: string; name: string; args: unknown }[];
    };
    const names = traceEvents.filter(({ ph }) => ph === 'M').map(({ args }) => args);
    for (const name of ['server', 'client 1', 'main thread', 'thread 1', 'thread 3']) {
      expect(names).toContainEqual({ name });
    }
    expect(traceEvents.some(({ ph, name }) => ph === 'X' && name === 'accept')).toBe(true);
  });
});

describe('the exit code', () => {
  test("is the command's own; what it did until then is shown", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('not a TCP server');
    const closed = new Promise((resolve) => server.close(resolve));
    await closed;
    const { code, out, err } = await trace('--', 'client', 'x', '--port', String(address.port));
    expect(code).toBe(1);
    expect(err).toContain('ECONNREFUSED');
    expect(out).toMatch(
      /; 1 gave an error[\s\S]*Socket\.finishConnect\(\d+\)\s+= 111 {2}111 ECONNREFUSED/,
    );
  });

  test('of a command that is wrong is 2, without a word about calls', async () => {
    const { code, out, err } = await trace('--', 'stage', '99');
    expect(code).toBe(2);
    expect(err).toMatch(/from 1 to 12: got 99/);
    expect(out).toBe('');
  });

  test('of a command that is stopped is what it ends with, and its calls are shown', async () => {
    await using program = start('--', 'serve', '--port', '0');
    await program.printed(/listening on/);
    program.child.kill('SIGTERM');
    const { code, out } = await program.ended;
    expect(code).toBe(0);
    expect(out).toMatch(/Socket\.listen\(\d+/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('what the disk refuses is told in a sentence', () => {
  test('no room in the file', async ({ skip }) => {
    skip(process.platform !== 'linux', '/dev/full');
    const { code, err } = await trace('--output', '/dev/full', ...STAGE);
    expect(err).toMatch(/^--output \/dev\/full cannot be written: ENOSPC/m);
    expect(err).not.toMatch(/\n\s+at /);
    expect(code).toBe(1);
  });

  test('no folder for the records: nothing is run', async () => {
    await using program = new Program(process.execPath, [DEMO, 'trace', ...STAGE], {
      env: { ...process.env, TMPDIR: join(folder, 'missing') },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { code, out, err } = await program.ended;
    expect(err).toMatch(/folder for temporary files: ENOENT.*TMPDIR names another/);
    expect({ code, out }).toEqual({ code: 1, out: '' });
  });
});

describe('a command line that is wrong ends with 2 and a sentence', () => {
  test.each([
    [[], /what shall be traced\? .*pnpm demo trace -- stage 4/],
    [['--lang', 'zh'], /要跟踪什么？/],
    [['--', 'trace', '--', 'stage', '3'], /a trace cannot be traced/],
    [['--format', 'xml', ...STAGE], /xml.*format must be text, jsonl or chrome/],
    [
      ['--lang', 'zh', '--format', 'xml', ...STAGE],
      /xml 无效。format 只能是 text、jsonl 或 chrome/,
    ],
    [
      ['--output', '/no/such/folder/x', ...STAGE],
      /--output \/no\/such\/folder\/x cannot be written: ENOENT/,
    ],
    [['--nonsense', ...STAGE], /unknown option '--nonsense'/],
  ])('%j', async (args, sentence) => {
    const { code, out, err } = await trace(...args);
    expect(err).toMatch(sentence);
    expect(err).not.toMatch(/\n\s+at /);
    expect(out).toBe('');
    expect(code).toBe(2);
  });
});
