/** Programs that are not ours, on either side of the dialogue, byte for byte. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Program, startServe } from './program.js';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

function isInstalled(program: string): boolean {
  try {
    execFileSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const wide = (text: string) => Buffer.from(text, 'utf16le');

describe('a raw client in Python', () => {
  const cases: [string, string[]][] = [
    ['ThisIsPython', []],
    ['one byte at a time', ['--bytewise']],
    // Nothing but a pause ends this one: the client neither closes its side nor sends a newline.
    ['ended by a pause', ['--keep-open']],
    ['結び目 🧶', []],
  ];
  for (const [text, flags] of cases) {
    test(`completes the dialogue: ${text} ${flags.join(' ')}`, async () => {
      const { server, port } = await startServe();
      await using _ = server;
      await using client = new Program('python3', [
        fixture('raw-client.py'),
        String(port),
        text,
        ...flags,
      ]);
      expect(await client.ended).toMatchObject({ code: 0, out: 'done\n', err: '' });
      await server.printed(new RegExp(`^${text} +\\(thread`, 'm'));
    });
  }
});

describe('tools of the trade', () => {
  const tools: [string, (port: number) => string[]][] = [
    ['socat', (port) => ['-t', '10', '-', `TCP:127.0.0.1:${port}`]],
    ['nc', (port) => ['-N', '127.0.0.1', String(port)]],
  ];
  for (const [tool, args] of tools) {
    test.runIf(isInstalled(tool))(`${tool} completes the dialogue byte for byte`, async () => {
      const { server, port } = await startServe();
      await using _ = server;
      const got = execFileSync(tool, args(port), { input: wide(`from ${tool}`), timeout: 30_000 });
      expect(got.equals(wide('Welcome to server!'))).toBe(true);
      await server.printed(new RegExp(`^from ${tool} +\\(thread`, 'm'));
    });
  }
});

test('our client completes the dialogue with a plain C server, byte for byte', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'netloom-'));
  try {
    const binary = join(folder, 'plain-server');
    execFileSync('cc', ['-O2', '-Wall', '-Werror', '-o', binary, fixture('plain-server.c')]);
    await using server = new Program(binary, []);
    const [, port] = await server.printed(/port (\d+)/);
    await using client = Program.demo('client', '--port', String(port), 'This is 織機');
    expect(await client.ended).toMatchObject({ code: 0, out: 'Welcome to server!\n', err: '' });
    const { code, out } = await server.ended;
    expect(code).toBe(0);
    expect(out).toContain(`got ${wide('This is 織機').toString('hex')}\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('our client takes its line from a pipe, blanks and all', async () => {
  const { server, port } = await startServe();
  await using _ = server;
  await using client = Program.demo('client', '--port', String(port));
  client.child.stdin?.end('a line with blanks\nand a second that is not sent\n');
  expect((await client.ended).code).toBe(0);
  await server.printed(/^a line with blanks +\(thread/m);
  expect(server.out).not.toContain('second');
});

test('a piped line without a newline at its end is sent whole', async () => {
  const { server, port } = await startServe();
  await using _ = server;
  await using client = Program.demo('client', '--port', String(port));
  client.child.stdin?.end('no newline');
  expect((await client.ended).code).toBe(0);
  await server.printed(/^no newline +\(thread/m);
});
