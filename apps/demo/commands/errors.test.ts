import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { widthOf } from '../theatre/fold.js';
import { type ErrorsOptions, errors } from './errors.js';
import { Problem } from './problem.js';

interface Reference {
  readonly code: number;
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly posix: string | null;
  readonly meaning_en: string;
  readonly meaning_zh: string;
  readonly typical_cause_en: string;
  readonly typical_cause_zh: string;
}

interface ReferenceErrno {
  readonly name: string;
  readonly linux: number | null;
  readonly darwin: number | null;
  readonly libuv_win32: number | null;
}

function reference(file: string): unknown {
  const url = new URL(`../../../vectors/reference/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8'));
}

// SAFETY: the files are part of the repository, and the counts below fail when their form changes.
const wsa = reference('wsa-errors.json') as {
  errors: Reference[];
  related_system_codes: Reference[];
};
// SAFETY: as above.
const { errno } = reference('errno-map.json') as { errno: ReferenceErrno[] };
const rows = [...wsa.errors, ...wsa.related_system_codes];

/** What the command prints at 80 columns. */
async function printed(words: readonly string[], options: ErrorsOptions = {}): Promise<string> {
  let text = '';
  const write = (part: string) => {
    text += part;
  };
  expect(await errors(words, options, { columns: 80, write })).toBe(0);
  return text;
}

/** As one line: where a text was folded is not the question. */
function unfolded(text: string): string {
  return text.replaceAll(/\s+/g, '');
}

async function refusal(words: readonly string[], options: ErrorsOptions = {}): Promise<Problem> {
  const failure: unknown = await errors(words, options, { columns: 80, write: () => {} }).catch(
    (reason: unknown) => reason,
  );
  if (!(failure instanceof Problem)) throw new Error(`not refused: ${String(failure)}`);
  return failure;
}

describe('errors: every row of the reference', () => {
  test('the reference lists 110 Windows codes and 70 POSIX codes', () => {
    expect([rows.length, errno.length]).toEqual([110, 70]);
  });

  test.each(rows.map((row) => [row.code, row.name, row] as const))(
    '%i and %s: number, names, meaning and causes in both languages',
    async (code, name, row) => {
      for (const word of [String(code), name, `0x${code.toString(16)}`, name.toLowerCase()]) {
        const all = await printed([word]);
        const text = unfolded(all);
        expect(all).toMatch(new RegExp(`^${code} ${name}$`, 'm'));
        expect(all).toContain(`(0x${code.toString(16).toUpperCase()})`);
        for (const alias of row.aliases ?? []) expect(text).toContain(alias);
        if (row.posix !== null) expect(text).toContain(row.posix);
        for (const said of [
          row.meaning_en,
          row.meaning_zh,
          row.typical_cause_en,
          row.typical_cause_zh,
        ]) {
          expect(text).toContain(unfolded(said));
        }
      }
    },
  );

  test.each(errno.map((row) => [row.name, row] as const))(
    "%s: the numbers of Linux, macOS and Node, and the row is found by this machine's",
    async (name, row) => {
      const text = await printed([name]);
      const cells = text.split('\n').filter((line) => /│/.test(line));
      // A code that shares its number with another is shown under the name that Node gives it.
      const isShown = new RegExp(`err\\.code: '${name}'`).test(text);
      if (!isShown) expect(text).toMatch(new RegExp(`Other names: .*${name}`));
      const linux = cells.find((line) => line.includes('Linux'))?.split('│') ?? [];
      const darwin = cells.find((line) => line.includes('macOS'))?.split('│') ?? [];
      const windows = cells.find((line) => line.includes('Windows'))?.split('│') ?? [];
      if (isShown) {
        expect(linux[1]?.trim()).toBe(String(row.linux ?? '—'));
        expect(darwin[1]?.trim()).toBe(String(row.darwin ?? '—'));
        expect(windows[3]?.trim()).toBe(String(row.libuv_win32 ?? '—'));
      }
      if (row.linux === null) return;
      for (const number of [row.linux, -row.linux]) {
        const found = await printed([String(number)]);
        expect(found).toMatch(new RegExp(`Linux +│ ${row.linux} ←`));
      }
    },
  );
});

describe('errors: what is printed', () => {
  test('one error, aligned, in both languages', async () => {
    expect(await printed(['-104'])).toBe(`10054 WSAECONNRESET
  The peer reset the connection.
  连接被对端重置。

   system  │ number         │ name          │ Node's err.errno
  ─────────┼────────────────┼───────────────┼──────────────────
   Windows │ 10054 (0x2746) │ WSAECONNRESET │ -4077
   Linux   │ 104 ←          │ ECONNRESET    │ -104
   macOS   │ 54             │ ECONNRESET    │ -54

  Node's err.code: 'ECONNRESET'
  Usual causes:
    The remote process crashed or closed with unread data or linger 0 (RST). On
    UDP: an earlier send met an ICMP port-unreachable (switch off with
    SIO_UDP_CONNRESET).
    对端进程崩溃、在仍有未读数据或 linger 为 0 时关闭（发出 RST）。对 UDP：先前
    的发送收到 ICMP 端口不可达（可用 SIO_UDP_CONNRESET 关闭）。
`);
  });

  test('--lang leaves one language', async () => {
    const english = await printed(['WSAEFAULT'], { lang: 'en' });
    expect(english).not.toMatch(/\p{Script=Han}/u);
    const chinese = await printed(['WSAEFAULT'], { lang: 'zh' });
    expect(chinese).toMatch(/编号.*名称/);
    expect(chinese).not.toContain('Usual causes');
  });

  test('a POSIX code that Windows does not have names the nearest', async () => {
    expect(await printed(['EPIPE'])).toMatch(/Windows │ nearest: 10058 │ WSAESHUTDOWN │ -4047/);
  });

  test('a number that only Node has is marked where Node has it', async () => {
    expect(await printed(['-4077'])).toMatch(
      /Windows │ 10054 \(0x2746\) │ WSAECONNRESET │ -4077 ←/,
    );
    expect(await printed(['-3008'])).toMatch(/Linux +│ — +│ EAI_NONAME +│ -3008 ←/);
  });

  test('words: several as in one argument', async () => {
    expect(await printed(['timed out'])).toMatch(/^10060 WSAETIMEDOUT/);
    expect(await printed(['timed', 'out'])).toBe(await printed(['timed out']));
    expect(await printed(['超时'])).toContain('WSAETIMEDOUT');
  });

  test('several errors: in full up to three, else a list with a row each', async () => {
    const two = await printed(['6']);
    expect(two).toContain('2 errors fit “6”');
    expect(two).toContain('“6”有 2 个结果');
    expect(two.match(/Usual causes/g)).toHaveLength(2);
    const many = await printed(['reset']);
    expect(many).toMatch(/10054 +│ WSAECONNRESET +│ The peer reset the connection\./);
    expect(many).not.toContain('Usual causes');
    expect(many).toContain('pnpm demo errors WSAECONNRESET');
  });

  test('several numbers or names are looked up one by one', async () => {
    const text = await printed(['10048', '-111', 'WSAEFAULT'], { lang: 'en' });
    expect(text).not.toContain('likeliest');
    expect(text.match(/^\d+ WSA\w+$/gm)).toEqual([
      '10048 WSAEADDRINUSE',
      '10061 WSAECONNREFUSED',
      '10014 WSAEFAULT',
    ]);
  });

  test.each([['10048'], ['reset'], ['WSA_QOS'], ['EPIPE'], ['6'], ['防火墙']])(
    'no line of %s is wider than the terminal',
    async (word) => {
      for (const line of (await printed([word])).split('\n')) {
        expect(widthOf(line)).toBeLessThanOrEqual(80);
      }
    },
  );

  test('--json is one object with what was found', async () => {
    const { query, found } = JSON.parse(await printed(['0x2740'], { json: true }));
    expect(query).toBe('0x2740');
    expect(found).toMatchObject([{ wsaCode: 10048, name: 'WSAEADDRINUSE', code: 'EADDRINUSE' }]);
  });
});

describe('errors: what is refused', () => {
  test('nothing found: what to try, in both languages, exit code 1', async () => {
    const { message, exitCode } = await refusal(['xyzzy']);
    expect(exitCode).toBe(1);
    expect(message).toContain('nothing found for “xyzzy”');
    expect(message).toContain('没有找到“xyzzy”');
    expect(message).toContain('ECONNREFUSED');
    expect((await refusal(['xyzzy'], { lang: 'zh' })).message).not.toContain('nothing found');
  });

  test('what was asked is said back in one line of bounded length, without control characters', async () => {
    const { message } = await refusal(['xy\u001b[31m\nzzy']);
    expect(message).toContain('nothing found for “xy\\x1b[31m\\x0azzy”');
    const long = await refusal([`ab${'x'.repeat(100_000)}`]);
    expect(unfolded(long.message)).toContain(`nothingfoundfor“ab${'x'.repeat(57)}…”.Try`);
    expect(await printed(['timed\u0007', 'out', 'firewall'])).not.toContain('\u0007');
  });

  test('nothing found, as JSON: an empty list and exit code 1', async () => {
    let text = '';
    const write = (part: string) => {
      text += part;
    };
    expect(await errors(['xyzzy'], { json: true }, { columns: 80, write })).toBe(1);
    expect(JSON.parse(text)).toEqual({ query: 'xyzzy', found: [] });
  });

  test.each([[[]], [['']], [[' ', '']]])('%j: says what to give, exit code 2', async (words) => {
    const { message, exitCode } = await refusal(words);
    expect(exitCode).toBe(2);
    expect(message).toContain('pnpm demo errors 10048');
  });
});
