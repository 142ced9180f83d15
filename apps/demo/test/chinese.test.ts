/** `--lang zh` of the demo itself, its server and its client: all but the tutorial's own lines is Chinese. */
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { GREETING, PROMPT } from '../dialogue/protocol.js';
import { Program } from './program.js';

/** What the tutorial's programs print, whoever reads it, and names. */
const TUTORIALS = new RegExp(
  `client address: \\S+, port: \\d+|${GREETING}|${PROMPT}|ThisIs\\d|Ctrl-C|SIG[A-Z]+|pnpm demo serve`,
  'g',
);
const ENGLISH = /[a-z]{3,}/i;

function narration(text: string): string {
  return text.replace(TUTORIALS, '').replace(/\baccept\b/g, '');
}

test('the demo', async () => {
  await using program = Program.demo('--lang', 'zh', '--port', '0');
  const { code, out, err } = await program.ended;
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/每个字节都正确\n$/);
  expect(narration(out)).not.toMatch(ENGLISH);
});

test('serve, and a client that is asked', async () => {
  await using server = Program.demo('serve', '--lang', 'zh', '--port', '0');
  const [, port = ''] = await server.printed(/正在监听 127\.0\.0\.1:(\d+)/);
  await using client = Program.demo('client', '--lang', 'zh', '--port', port);
  await client.printed(/to server: /);
  client.write('ThisIs1\n');
  expect((await client.ended).code).toBe(0);
  await server.printed(/^ThisIs1 .*线程/m);
  server.child.kill('SIGINT');
  const { code, out, err } = await server.ended;
  expect([code, err]).toEqual([0, '']);
  expect(out).toMatch(/接受 1 个，服务完 1 个，中断 0 个\n$/);
  expect(narration(out)).not.toMatch(ENGLISH);
});

test('a client that has nothing to send, and one that is stopped', async () => {
  await using server = Program.demo('serve', '--port', '0');
  const [, port = ''] = await server.printed(/listening on 127\.0\.0\.1:(\d+)/);
  await using mute = Program.demo('client', '--lang', 'zh', '--port', port);
  mute.child.stdin?.end();
  expect(await mute.ended).toMatchObject({ code: 1, err: '没有可发送的内容：输入已经结束\n' });
  await using stopped = Program.demo('client', '--lang', 'zh', '--port', port);
  await stopped.printed(/to server: /);
  stopped.child.kill('SIGINT');
  const { code, err } = await stopped.ended;
  expect([code, err]).toEqual([130, '\nSIGINT：已停止，当时正在等待要发送的那一行\n']);
});

test('a server that closes before it speaks', async () => {
  const server = createServer((socket) => socket.end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await using client = Program.demo('client', '--lang', 'zh', '--port', String(port), 'hello');
  const { code, err } = await client.ended;
  server.close();
  expect(code).toBe(1);
  expect(err).toMatch(/什么也没说就关闭了连接/);
  expect(err).not.toMatch(ENGLISH);
});
