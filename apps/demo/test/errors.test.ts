/** `pnpm demo errors` as it is typed: what the shell and the command line's library make of it. */
import { expect, test } from 'vitest';
import { Program } from './program.js';

test.each([
  [['10048'], /^10048 WSAEADDRINUSE$/m],
  [['ECONNREFUSED'], /^10061 WSAECONNREFUSED$/m],
  [['WSAEFAULT'], /^10014 WSAEFAULT$/m],
  [['-104'], /Linux +│ 104 ← +│ ECONNRESET/],
  [['--', '-104'], /Linux +│ 104 ← +│ ECONNRESET/],
  [['-104', '--lang', 'zh'], /编号/],
  [['timed out'], /^10060 WSAETIMEDOUT$/m],
  [['timed', 'out'], /^10060 WSAETIMEDOUT$/m],
])('errors %j finds its row and ends with 0', async (words, pattern) => {
  await using program = Program.demo('errors', ...words);
  const { code, out, err } = await program.ended;
  expect(out).toMatch(pattern);
  expect({ code, err }).toEqual({ code: 0, err: '' });
});

test('errors --json prints one object', async () => {
  await using program = Program.demo('errors', '--json', '--', '-4077');
  const { code, out } = await program.ended;
  expect(JSON.parse(out)).toMatchObject({ query: '-4077', found: [{ name: 'WSAECONNRESET' }] });
  expect(code).toBe(0);
});

test.each([
  [['xyzzy'], 1, /nothing found for “xyzzy”.*没有找到“xyzzy”/s],
  [['xyzzy', '--lang', 'zh'], 1, /^没有找到“xyzzy”/],
  [[], 2, /^errors: say what to look up.*请给出要查的内容/s],
  [['--lang', 'fr', '10048'], 2, /lang must be en or zh/],
  [['--nope', '10048'], 2, /--nope/],
])('errors %j ends with %i and a sentence', async (words, exitCode, sentence) => {
  await using program = Program.demo('errors', ...words);
  const { code, out, err } = await program.ended;
  expect(err).toMatch(sentence);
  expect({ code, out }).toEqual({ code: exitCode, out: '' });
});

test('errors --help speaks the language asked for', async () => {
  await using english = Program.demo('errors', '--help');
  await using chinese = Program.demo('errors', '--help', '--lang', 'zh');
  expect((await english.ended).out).toContain('what an error means');
  expect((await chinese.ended).out).toContain('查错误的含义');
});
