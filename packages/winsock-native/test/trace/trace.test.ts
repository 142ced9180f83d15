/** Tracing from outside: programs started with NETLOOM_TRACE_CALLS, and what their traces say. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type CallRecord, formatCall, readTrace } from '@netloom/winsock-native/trace';
import { afterEach, describe, expect, test } from 'vitest';

const made: string[] = [];
afterEach(() => {
  for (const directory of made.splice(0)) rmSync(directory, { recursive: true });
});

function temporary(): string {
  const directory = mkdtempSync(join(tmpdir(), 'netloom-trace-'));
  made.push(directory);
  return directory;
}

interface Ended {
  readonly status: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, directory: string, args: readonly string[] = []): Ended {
  const path = fileURLToPath(new URL(program, import.meta.url));
  return spawnSync(process.execPath, [path, ...args], {
    encoding: 'utf8',
    timeout: 30_000,
    env: { ...process.env, NETLOOM_TRACE_CALLS: directory, NETLOOM_TRACE_NAME: 'the program' },
  });
}

function argument(record: CallRecord | undefined, name: string) {
  return record?.args.find((one) => one.name === name);
}

describe('a traced program', { timeout: 40_000 }, () => {
  const directory = mkdtempSync(join(tmpdir(), 'netloom-trace-'));
  const ended = run('program.mjs', directory);
  const records = ended.status === 0 ? readTrace(directory) : [];
  const files = readdirSync(directory);
  rmSync(directory, { recursive: true });
  const said = ended.status === 0 ? JSON.parse(ended.stdout) : undefined;
  const of = (threadId: number) => records.filter((record) => record.threadId === threadId);
  const first = (call: string) => records.find((record) => record.call === call);

  test('runs as it does without', () => {
    expect(ended).toMatchObject({ status: 0, stderr: '' });
  });

  test('shows the calls of a thread in their order, with arguments and results in words', () => {
    const lines = of(0).map(formatCall);
    const blank = (line: string) => line.replaceAll(/127\.0\.0\.1:[1-9]\d*/g, 'HOST:PORT');
    const [, listener] = / = (\d+)$/.exec(lines[1] ?? '') ?? [];
    const [, accepted] = / = (\d+)$/.exec(lines[7] ?? '') ?? [];
    expect(lines.map(blank)).toEqual([
      'WSAStartup(MAKEWORD(2, 2), lpWSAData) = 0',
      `socket(AF_INET, SOCK_STREAM, 0) = ${listener}`,
      `setsockopt(${listener}, SOL_SOCKET, SO_KEEPALIVE, 1, 4) = 0`,
      `bind(${listener}, 127.0.0.1:0, 16) = 0`,
      `listen(${listener}, 5) = 0`,
      `getsockname(${listener}, HOST:PORT, 16) = 0`,
      `accept(${listener}, addr, 0) = -1  10014 WSAEFAULT`,
      `accept(${listener}, HOST:PORT, 16) = ${accepted}`,
      `recv(${accepted}, L"ThisIs1", 100, MSG_PEEK) = 14`,
      `recv(${accepted}, L"ThisIs1", 100, 0) = 14`,
      `send(${accepted}, "${'A'.repeat(256)}"…, 1000, 0) = 1000`,
      expect.stringMatching(
        /^getsockopt\(\d+, IPPROTO_TCP, TCP_INFO, {tcpi_state: TCP_(ESTABLISHED|CLOSE_WAIT|CLOSE),.*/,
      ),
      `closesocket(${accepted}) = 0`,
      `closesocket(${listener}) = 0`,
      'WSACleanup() = 0',
    ]);
  });

  test("shows a Socket's calls under its own name, and the system's errors", () => {
    const lines = of(1).map((record) => formatCall(record).replaceAll(/\b\d{2,}\b/g, 'N'));
    expect(lines[0]).toMatch(/^Socket\.create\(AF_INET, SOCK_STREAM, 0\) = N$/);
    expect(lines[1]).toMatch(
      /^Socket\.tryConnect\(N, N.0.0.1:N\) = (0|WOULD_BLOCK {2}N EINPROGRESS)$/,
    );
    expect(lines).toContain('Socket.trySend(N, L"ThisIs1", N, 0) = N');
    expect(lines).toContain('Socket.bind(N, N.0.0.1:N) = -N  N EINVAL');
    expect(lines.at(-1)).toBe('Socket.close(N) = 0');
    expect(first('Socket.bind')?.error).toEqual({ number: 22, name: 'EINVAL' });
  });

  test('refuses wrong arguments with the words that it has without', () => {
    const without = spawnSync(
      process.execPath,
      [fileURLToPath(new URL('program.mjs', import.meta.url))],
      {
        encoding: 'utf8',
      },
    );
    const { wrong } = JSON.parse(without.stdout).other;
    expect(wrong).toHaveLength(2);
    expect(wrong[0]).toMatch(/^send: memory must be a Uint8Array/);
    expect(said.other.wrong).toEqual(wrong);
  });

  test('has the bytes that the kernel got and gave', () => {
    const family = process.platform === 'linux' ? '0200' : undefined;
    if (family !== undefined) {
      expect(argument(first('bind'), 'name')?.in?.bytes).toEqual({
        hex: `${family}00007f0000010000000000000000`,
        length: 16,
      });
    }
    expect(argument(first('recv'), 'buf')?.out?.bytes).toEqual({
      hex: Buffer.from('ThisIs1', 'utf16le').toString('hex'),
      length: 14,
    });
    expect(argument(first('send'), 'buf')?.in?.bytes).toEqual({
      hex: '41'.repeat(256),
      length: 1000,
    });
    expect(argument(first('recv'), 'buf')?.in).toBe(undefined);
  });

  test('a call that failed shows nothing that came out', () => {
    const failed = records.find(({ call, error }) => call === 'accept' && error !== undefined);
    expect(argument(failed, 'addr')).toEqual({ name: 'addr' });
    expect(argument(failed, 'addrlen')).toEqual({ name: 'addrlen', in: { text: '0' } });
  });

  test('names process, program and both threads, as the program itself knows them', () => {
    expect(new Set(records.map((record) => record.process))).toEqual(new Set(['the program']));
    expect(new Set(records.map((record) => record.pid)).size).toBe(1);
    const { kernelThreadId, threadId } = of(1)[0] ?? {};
    expect(said.other).toMatchObject({ kernelThreadId, threadId });
    expect(of(0)[0]?.kernelThreadId).toBe(said.me.kernelThreadId);
    expect(files.toSorted()).toEqual([`${of(0)[0]?.pid}-0.jsonl`, `${of(0)[0]?.pid}-1.jsonl`]);
  });

  test("starts lie on the machine's monotonic clock, and durations are inside", () => {
    const [began, end] = [BigInt(said.began), BigInt(said.ended)];
    for (const { startNs, durationNs = Number.NaN } of records) {
      expect(startNs).toBeGreaterThanOrEqual(began);
      expect(startNs + BigInt(durationNs)).toBeLessThanOrEqual(end);
    }
    const starts = records.map(({ startNs }) => startNs);
    expect(starts).toEqual(starts.toSorted((a, b) => Number(a - b)));
  });

  test('the accept that waited lasts until the other thread has connected', () => {
    const waited = records.find(({ call, result }) => call === 'accept' && result !== '-1');
    const connect = first('Socket.tryConnect');
    const end = (waited?.startNs ?? 0n) + BigInt(waited?.durationNs ?? 0);
    expect(end).toBeGreaterThan(connect?.startNs ?? end);
  });
});

describe('calls that never return', { timeout: 40_000 }, () => {
  test('are shown as unfinished when the process is killed in them', () => {
    const directory = temporary();
    expect(run('blocked.mjs', directory, ['kill'])).toMatchObject({
      signal: 'SIGKILL',
      stderr: '',
    });
    const last = readTrace(directory).at(-1);
    expect(last).toMatchObject({ call: 'accept', threadId: 0 });
    expect(last).not.toHaveProperty('durationNs');
    expect(last).not.toHaveProperty('result');
    expect(formatCall(last as CallRecord)).toMatch(/^accept\(\d+, NULL, 0\) {2}unfinished$/);
  });

  test('of a worker that is terminated leave whole lines', () => {
    const directory = temporary();
    expect(run('blocked.mjs', directory, ['terminate'])).toMatchObject({
      status: 0,
      stdout: 'terminated\n',
    });
    for (const file of readdirSync(directory)) {
      expect(readFileSync(join(directory, file), 'utf8')).toMatch(/}\n$/);
    }
    expect(readTrace(directory).at(-1)).toMatchObject({ call: 'accept', threadId: 1 });
  });
});

describe('a trace for which there is no room', { timeout: 40_000 }, () => {
  test('ends with a whole line and a warning; the program goes on', ({ skip }) => {
    skip(process.platform === 'win32', 'the shell limits the size of a file');
    const directory = temporary();
    const program = fileURLToPath(new URL('many-calls.mjs', import.meta.url));
    // In blocks of 512 or 1024 bytes.
    const limited = ['-c', 'ulimit -f 16; exec "$0" "$@"', process.execPath, program];
    const { status, stdout, stderr } = spawnSync('/bin/sh', limited, {
      encoding: 'utf8',
      timeout: 30_000,
      env: { ...process.env, NETLOOM_TRACE_CALLS: directory },
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '500 of 500\n' });
    expect(stderr.match(/cannot be written: .*is not in it/g)).toHaveLength(1);
    const [file = ''] = readdirSync(directory);
    expect(readFileSync(join(directory, file), 'utf8')).toMatch(/}\n$/);
    const recorded = readTrace(directory).length;
    expect(recorded).toBeGreaterThan(10);
    expect(recorded).toBeLessThan(500);
  });
});

describe('a directory that cannot be used', { timeout: 40_000 }, () => {
  test('that is not there fails at load, with the value and the remedy', () => {
    const missing = join(temporary(), 'missing');
    const { status, stderr } = run('program.mjs', missing);
    expect(status).toBe(1);
    expect(stderr).toContain(
      `NETLOOM_TRACE_CALLS must name a directory that can be written to: ${missing}`,
    );
    expect(stderr).toContain(`mkdir -p ${missing}`);
  });

  test('that is a file fails at load', () => {
    const file = join(temporary(), 'file');
    writeFileSync(file, '');
    const { status, stderr } = run('program.mjs', file);
    expect(status).toBe(1);
    expect(stderr).toContain(`${file} is no directory`);
  });

  test('that is empty text means: no trace', () => {
    expect(run('program.mjs', '')).toMatchObject({ status: 0, stderr: '' });
  });
});
