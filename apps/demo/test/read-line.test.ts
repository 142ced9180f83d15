/** The listings' `readLine`: what std::wcin does, on whatever the input is. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { installed } from '../theatre/installed.js';
import { Program } from './program.js';

const READ_LINES = fileURLToPath(new URL('fixtures/read-lines.mjs', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'netloom-read-line-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TEXT = 'with blanks\r\n\n中文 🧵\nno newline';
const LINES = ['with blanks', '', '中文 🧵', 'no newline'];

/** Waits for the n-th question. */
async function question(program: Program, n: number): Promise<void> {
  await program.printed(new RegExp(`(\\? [^?]*){${n}}`));
}

/** Types byte by byte what makes a character, so that none arrives whole. */
async function typeSlowly(program: Program, text = TEXT): Promise<void> {
  const bytes = Buffer.from(text);
  let asked = 1;
  await question(program, asked);
  for (const byte of bytes) {
    await new Promise<void>((resolve) =>
      program.child.stdin?.write(Buffer.of(byte), () => resolve()),
    );
    if (byte !== 0x0a) continue;
    asked += 1;
    await question(program, asked);
  }
  program.child.stdin?.end();
}

test('reads the lines of a pipe as they come', async () => {
  await using program = new Program('sh', ['-c', `cat | '${process.execPath}' '${READ_LINES}'`]);
  await typeSlowly(program);
  const { out, err } = await program.ended;
  expect(err).toBe('');
  expect(JSON.parse(out.replaceAll('? ', ''))).toEqual(LINES);
});

test('reads the lines of a file, and none of an empty one', async () => {
  const file = join(folder, 'lines');
  for (const [text, lines] of [
    [TEXT, LINES],
    ['', []],
  ] as const) {
    writeFileSync(file, text);
    await using program = new Program('sh', [
      '-c',
      `'${process.execPath}' '${READ_LINES}' <'${file}'`,
    ]);
    const { out } = await program.ended;
    expect(JSON.parse(out.replaceAll('? ', ''))).toEqual(lines);
  }
});

const NON_BLOCKING = `
import os, sys
os.set_blocking(0, False)
os.execv(sys.argv[1], sys.argv[1:])
`;

test.runIf(installed('python3'))(
  'reads the lines of a pipe that somebody made non-blocking',
  async () => {
    const file = join(folder, 'non-blocking.py');
    writeFileSync(file, NON_BLOCKING);
    const command = `cat | python3 '${file}' '${process.execPath}' '${READ_LINES}'`;
    await using program = new Program('sh', ['-c', command]);
    await typeSlowly(program);
    const { out, err } = await program.ended;
    expect(err).toBe('');
    expect(JSON.parse(out.replaceAll('? ', ''))).toEqual(LINES);
  },
);

/** A terminal around the program: what comes on our pipe is typed there. */
const TERMINAL = `
import os, pty, select, sys
pid, fd = pty.fork()
if pid == 0:
    os.set_blocking(0, sys.argv[1] == 'blocking')
    os.execv(sys.argv[2], sys.argv[2:])
inputs = [0, fd]
while True:
    ready, _, _ = select.select(inputs, [], [])
    if 0 in ready:
        typed = os.read(0, 1024)
        if typed == b'':
            inputs.remove(0)
            typed = b'\\x04\\x04'
        os.write(fd, typed)
    if fd in ready:
        try:
            os.write(1, os.read(fd, 1024))
        except OSError:
            break
os.waitpid(pid, 0)
`;

for (const mode of ['blocking', 'non-blocking']) {
  test.runIf(installed('python3'))(`reads what is typed on a terminal, ${mode}`, async () => {
    const file = join(folder, 'terminal.py');
    writeFileSync(file, TERMINAL);
    await using program = new Program('python3', [file, mode, process.execPath, READ_LINES]);
    // A terminal makes a newline of a carriage return.
    await typeSlowly(program, TEXT.replace('\r', ''));
    const { out } = await program.ended;
    // The terminal echoes what is typed, too.
    expect(JSON.parse(/\[.*\]/.exec(out)?.[0] ?? '')).toEqual(LINES);
  });
}
